// The counter of an SSE-300: its system counter, 64 bits (Corstone SSE-300 TRM, Arm 101773: system timestamp counter).
#include "firmware/mcu/mps2/counter.h"
#include "firmware/mcu/mps2/registers.h"

namespace linnet::mps2 {
namespace {

struct SystemCounter {
  Register control, status, low, high;
};
SystemCounter& counter() { return at<SystemCounter>(0x58100000); }  // its control frame; secure, as the core starts

constexpr uint32_t kEnable = 1;

}  // namespace

void start_counter() { counter().control = kEnable; }

uint64_t counted() {
  for (;;) {
    const uint32_t high = counter().high;
    const uint32_t low = counter().low;
    if (counter().high == high) return static_cast<uint64_t>(high) << 32 | low;
  }
}

}  // namespace linnet::mps2
