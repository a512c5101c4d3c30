// What of firmware/port.h is an STM32H7's own; the rest is cortex_m/port.cc.
#include "firmware/port.h"

#include "firmware/mcu/cortex_m/cortex_m7.h"
#include "firmware/mcu/stm32h7/clock.h"
#include "firmware/mcu/stm32h7/registers.h"
#include "firmware/mcu/stm32h7/uart.h"

namespace linnet::port {
namespace {

uint32_t tick_rate;

// Up to revision Y reads of AXI SRAM may go wrong while several are under way: only one at a time (ST ES0392).
void mend_axi_sram() {
  constexpr uint32_t kRevisionX = 0x2001;
  if (stm32h7::debug_idcode() >> 16 < kRevisionX) stm32h7::axi_sram_fn_mod() = 1;  // READ_ISS_OVERRIDE
}

}  // namespace

void init() {
  mend_axi_sram();
  cortex_m7::fence_off_external_memory();
  cortex_m7::enable_caches();  // nothing here but the core reads or writes memory, so they need no more care
  const stm32h7::Clocks clocks = stm32h7::start_clocks();
  tick_rate = clocks.timer_hz;
  stm32h7::start_ticks();
  stm32h7::start_uart(clocks.apb1_hz, LINNET_BAUD);
}

uint32_t ticks() { return stm32h7::tim2().cnt; }
uint32_t ticks_per_second() { return tick_rate; }

}  // namespace linnet::port
