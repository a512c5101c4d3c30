// The counter of the MPS2: APB timer 0 (Arm DDI 0479, 4.3). It counts down over 32 bits.
#include "firmware/mcu/mps2/counter.h"
#include "firmware/mcu/mps2/registers.h"

namespace linnet::mps2 {
namespace {

struct Timer {
  Register ctrl, value, reload, interrupt;
};
Timer& timer0() { return at<Timer>(0x40000000); }

constexpr uint32_t kEnable = 1;
static_assert(1'000'000'000 % board::kCounterHz == 0, "with 32 bits only, ticks would not wrap at 2^32");

}  // namespace

void start_counter() {
  timer0().reload = 0xffffffff;
  timer0().value = 0xffffffff;
  timer0().ctrl = kEnable;
}

uint64_t counted() { return ~timer0().value; }

}  // namespace linnet::mps2
