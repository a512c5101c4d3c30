// The tick counter.
#pragma once

#include <cstdint>

namespace linnet::mps2 {

// Starts the counter and finds out what its counts are: cycles of the core, or an emulator's instructions.
void start_ticks();

// Wraps at 2^32.
uint32_t ticks();
uint32_t ticks_per_second();

}  // namespace linnet::mps2
