// Something that counts at board::kCounterHz from start on: what it is depends on the FPGA image.
#pragma once

#include <cstdint>

namespace linnet::mps2 {

void start_counter();

// Its low 32 bits at least. Where there are no more, a nanosecond must be a whole fraction of its period (ticks.cc).
uint64_t counted();

}  // namespace linnet::mps2
