// firmware/port.h as far as it is the same on every Cortex-M. The family adds init(), ticks() and ticks_per_second(),
// and a driver of its UART (serial.h).
#include "firmware/port.h"

#include "firmware/mcu/cortex_m/cpu.h"
#include "firmware/mcu/cortex_m/serial.h"

namespace linnet {

cortex_m::Serial cortex_m::serial;

namespace port {
namespace {

using cortex_m::serial;

alignas(16) uint8_t arena_bytes[LINNET_ARENA_BYTES];

}  // namespace

uint32_t read(uint8_t* to, uint32_t capacity) {
  uint32_t count = 0;
  while (count < capacity && !serial.received.empty()) to[count++] = serial.received.take();
  return count;
}

uint32_t lost_bytes() { return serial.lost; }

void write(const void* data, uint32_t size) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  for (uint32_t i = 0; i < size;) {
    cortex_m::disable_interrupts();
    while (i < size && !serial.waiting.full()) serial.waiting.put(bytes[i++]);
    cortex_m::transmit();
    if (i < size) cortex_m::wait_for_interrupt();
    cortex_m::enable_interrupts();
  }
}

void wait() {
  cortex_m::disable_interrupts();
  if (serial.received.empty()) cortex_m::wait_for_interrupt();
  cortex_m::enable_interrupts();
}

void reset() {
  cortex_m::barrier();
  cortex_m::aircr() = 0x05FA0004;  // VECTKEY, SYSRESETREQ
  for (;;) cortex_m::wait_for_interrupt();
}

Arena arena() { return {arena_bytes, sizeof(arena_bytes)}; }
Flash image() { return {reinterpret_cast<const uint8_t*>(LINNET_IMAGE_ADDRESS), LINNET_IMAGE_BYTES}; }
const char* board_name() { return LINNET_BOARD; }

}  // namespace port
}  // namespace linnet
