// firmware/port.h as far as it is the same on every bare-metal board. The processor adds reset(), the family init(),
// ticks() and ticks_per_second(), and a driver of its UART (serial.h); one_slot.cc, ram_slots.cc or the family's own
// the places of models.
#include "firmware/port.h"

#include "firmware/mcu/interrupts.h"
#include "firmware/mcu/serial.h"

namespace linnet {

Serial serial;

namespace port {
namespace {

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
    interrupts::disable();
    while (i < size && !serial.waiting.full()) serial.waiting.put(bytes[i++]);
    transmit();
    if (i < size && serial.waiting.full()) interrupts::wait();  // else the UART has taken some at once
    interrupts::enable();
  }
}

void wait() {
  interrupts::disable();
  if (serial.received.empty()) interrupts::wait();
  interrupts::enable();
}

Arena arena() { return {arena_bytes, sizeof(arena_bytes)}; }
const char* board_name() { return LINNET_BOARD; }

}  // namespace port
}  // namespace linnet
