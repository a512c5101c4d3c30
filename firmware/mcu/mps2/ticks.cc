#include "firmware/mcu/mps2/ticks.h"

#include "firmware/mcu/mps2/registers.h"

namespace linnet::mps2 {
namespace {

constexpr uint32_t kEnable = 1;

uint32_t rate;
uint32_t per_count = 1;

uint32_t counted() { return ~timer0().value; }  // it counts down

}  // namespace

void start_ticks(uint32_t clock_hz) {
  timer0().reload = 0xffffffff;
  timer0().value = 0xffffffff;
  timer0().ctrl = kEnable;
  rate = clock_hz;

  // An instruction takes a cycle at least, but QEMU's timer counts virtual nanoseconds, and under -icount shift=0 an
  // instruction takes one of those. Then a tick is an instruction, in steps of 40 (at 25 MHz).
  constexpr uint32_t kTurns = 5000;
  const uint32_t start = counted();
  for (uint32_t i = 0; i < kTurns; i++) asm volatile("nop");
  if (counted() - start >= kTurns) return;
  per_count = 1'000'000'000 / clock_hz;
  rate = per_count * clock_hz;
}

uint32_t ticks() { return counted() * per_count; }
uint32_t ticks_per_second() { return rate; }

}  // namespace linnet::mps2
