#include "firmware/mcu/mps2/ticks.h"

#include <numeric>

#include "board.h"
#include "firmware/mcu/mps2/counter.h"

namespace linnet::mps2 {
namespace {

constexpr uint32_t kNanosecondsPerSecond = 1'000'000'000;
constexpr uint32_t kCommon = std::gcd(kNanosecondsPerSecond, board::kCounterHz);

bool nanoseconds;  // are ticks, otherwise counts are

}  // namespace

void start_ticks() {
  start_counter();
  // A turn takes a cycle or two of the core, and the counter counts those. But QEMU's counts virtual nanoseconds, and
  // under -icount shift=0 an instruction takes one of them. Then a tick is an instruction, in steps of a count: of 40
  // at 25 MHz.
  constexpr uint32_t kTurns = 5000;
  const uint64_t start = counted();
  for (uint32_t i = 0; i < kTurns; i++) asm volatile("nop");
  nanoseconds = counted() - start < kTurns / 4;
}

uint32_t ticks() {
  const uint64_t counts = counted();
  return static_cast<uint32_t>(nanoseconds ? counts * (kNanosecondsPerSecond / kCommon) / (board::kCounterHz / kCommon)
                                           : counts);
}

uint32_t ticks_per_second() { return nanoseconds ? kNanosecondsPerSecond : board::kCounterHz; }

}  // namespace linnet::mps2
