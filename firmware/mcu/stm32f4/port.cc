// firmware/port.h on an STM32F4.
#include "firmware/port.h"

#include "firmware/mcu/cortex_m/cpu.h"
#include "firmware/mcu/stm32f4/clock.h"
#include "firmware/mcu/stm32f4/registers.h"
#include "firmware/mcu/stm32f4/uart.h"

namespace linnet::port {
namespace {

alignas(16) uint8_t arena_bytes[LINNET_ARENA_BYTES];
uint32_t tick_rate;

}  // namespace

void init() {
  const stm32f4::Clocks clocks = stm32f4::start_clocks();
  tick_rate = stm32f4::start_ticks(clocks);
  stm32f4::start_uart(clocks.apb2_hz, LINNET_BAUD);
}

uint32_t read(uint8_t* to, uint32_t capacity) { return stm32f4::uart_read(to, capacity); }
uint32_t lost_bytes() { return stm32f4::uart_lost_bytes(); }
void write(const void* bytes, uint32_t size) { stm32f4::uart_write(static_cast<const uint8_t*>(bytes), size); }

void wait() {
  cortex_m::disable_interrupts();
  if (!stm32f4::uart_has_input()) cortex_m::wait_for_interrupt();
  cortex_m::enable_interrupts();
}

uint32_t ticks() { return stm32f4::tim2().cnt; }
uint32_t ticks_per_second() { return tick_rate; }

void reset() {
  cortex_m::barrier();
  stm32f4::scb_aircr() = 0x05FA0004;  // VECTKEY, SYSRESETREQ
  for (;;) cortex_m::wait_for_interrupt();
}

Arena arena() { return {arena_bytes, sizeof(arena_bytes)}; }
Flash image() { return {reinterpret_cast<const uint8_t*>(LINNET_IMAGE_ADDRESS), LINNET_IMAGE_BYTES}; }
const char* board_name() { return LINNET_BOARD; }

}  // namespace linnet::port
