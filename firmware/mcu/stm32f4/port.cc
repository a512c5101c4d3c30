// What of firmware/port.h is an STM32F4's own; the rest is cortex_m/port.cc.
#include "firmware/port.h"

#include "firmware/mcu/stm32f4/clock.h"
#include "firmware/mcu/stm32f4/registers.h"
#include "firmware/mcu/stm32f4/uart.h"

namespace linnet::port {
namespace {

uint32_t tick_rate;

}  // namespace

void init() {
  const stm32f4::Clocks clocks = stm32f4::start_clocks();
  tick_rate = stm32f4::start_ticks(clocks);
  stm32f4::start_uart(clocks.apb2_hz, LINNET_BAUD);
}

uint32_t ticks() { return stm32f4::tim2().cnt; }
uint32_t ticks_per_second() { return tick_rate; }

}  // namespace linnet::port
