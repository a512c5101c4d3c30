#include "firmware/mcu/nrf51/clock.h"

#include "firmware/mcu/nrf51/registers.h"

namespace linnet::nrf51 {
namespace {

constexpr uint32_t kClockHz = 16'000'000;
constexpr uint32_t k32Bits = 3;

// QEMU's timer counts virtual time, of which an instruction takes a nanosecond under -icount shift=0: 62.5 a count.
constexpr uint32_t kInstructionsPerSecond = 1'000'000'000;
constexpr uint64_t kInstructionsPer2Counts = 125;
static_assert(2ull * kInstructionsPerSecond == kInstructionsPer2Counts * kClockHz);

bool emulated;
uint32_t last_count;
uint64_t counts;  // over more than the timer's 32 bits, or a wrap of theirs would not be one of the ticks

uint32_t counted() {
  timer0().capture[0] = 1;
  return timer0().cc[0];
}

}  // namespace

// Takes a millisecond or so. Bounded, for a crystal may be broken.
void start_clock() {
  clock().hfclkstarted = 0;
  clock().hfclkstart = 1;
  for (uint32_t i = 0; i < 100'000 && clock().hfclkstarted == 0; i++) {
  }
}

void start_ticks() {
  timer0().stop = 1;
  timer0().mode = 0;
  timer0().bitmode = k32Bits;
  timer0().prescaler = 0;
  timer0().clear = 1;
  timer0().start = 1;

  // A core cannot do more than an instruction a cycle.
  constexpr uint32_t kTurns = 5000;
  const uint32_t start = counted();
  for (uint32_t i = 0; i < kTurns; i++) asm volatile("nop");
  emulated = counted() - start < kTurns;
}

uint32_t ticks() {
  const uint32_t now = counted();
  counts += now - last_count;
  last_count = now;
  return static_cast<uint32_t>(emulated ? counts * kInstructionsPer2Counts / 2 : counts);
}

uint32_t ticks_per_second() { return emulated ? kInstructionsPerSecond : kClockHz; }

}  // namespace linnet::nrf51
