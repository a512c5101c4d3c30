// What of firmware/port.h is an nRF51's own; the rest is cortex_m/port.cc and firmware/mcu/port.cc.
#include "firmware/port.h"

#include "firmware/mcu/nrf51/clock.h"
#include "firmware/mcu/nrf51/uart.h"

namespace linnet::port {

void init() {
  nrf51::start_clock();
  nrf51::start_ticks();
  nrf51::start_uart();
}

uint32_t ticks() { return nrf51::ticks(); }
uint32_t ticks_per_second() { return nrf51::ticks_per_second(); }

}  // namespace linnet::port
