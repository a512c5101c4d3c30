// What of firmware/port.h is an nRF52's own; the rest is cortex_m/port.cc and firmware/mcu/port.cc.
#include "firmware/port.h"

#include "firmware/mcu/nrf51/uart.h"
#include "firmware/mcu/nrf52/system.h"

namespace linnet::port {

void init() {
  nrf52::keep_debug_port();
  nrf52::start_system();
  nrf52::start_ticks();
  nrf51::start_uart();
}

uint32_t ticks() { return nrf52::ticks(); }
uint32_t ticks_per_second() { return nrf52::kTicksPerSecond; }

}  // namespace linnet::port
