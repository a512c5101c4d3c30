// The tick counter.
#pragma once

#include <cstdint>

namespace linnet::mps2 {

// Starts timer 0. It counts cycles of the core.
void start_ticks(uint32_t clock_hz);

// Wraps at 2^32.
uint32_t ticks();
uint32_t ticks_per_second();

}  // namespace linnet::mps2
