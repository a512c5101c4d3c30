#include "firmware/mcu/riscv/ticks.h"

#include "firmware/mcu/riscv/cpu.h"

namespace linnet::riscv {

// A division takes a core many cycles (an E31: up to 33), but an emulator that counts instructions counts one, and its
// instructions take a nanosecond each (QEMU, -icount shift=0).
uint32_t measure_tick_rate(uint32_t core_hz) {
  constexpr uint32_t kDivisions = 256;
  const uint32_t start_instructions = instructions();
  const uint32_t start = cycles();
  uint32_t value = 0xffffffff;
  for (uint32_t i = 0; i < kDivisions; i++) asm volatile("divu %0, %0, %1" : "+r"(value) : "r"(3));
  const uint32_t took = cycles() - start;
  return took < 2 * (instructions() - start_instructions) ? 1'000'000'000 : core_hz;
}

}  // namespace linnet::riscv
