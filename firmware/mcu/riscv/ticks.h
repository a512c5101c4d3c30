// The tick counter: the core's cycles.
#pragma once

#include <cstdint>

namespace linnet::riscv {

// Finds out what the core's cycle counter counts. @returns its rate, Hz
uint32_t measure_tick_rate(uint32_t core_hz);

}  // namespace linnet::riscv
