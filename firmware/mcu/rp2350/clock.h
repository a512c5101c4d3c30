// 150 MHz from the board's crystal, and the tick counter.
#pragma once

#include <cstdint>

namespace linnet::rp2350 {

// 150 MHz from the crystal by PLL_SYS; the crystal's own 12 MHz if the PLL does not lock; the ring oscillator, which
// is 11 MHz more or less, if there is no crystal. The UART runs at the core's clock. Returns that, in Hz.
uint32_t start_clocks();

// Starts timer 0, which counts the core's clock.
void start_ticks();

// Cycles of the core. Wraps at 2^32.
uint32_t ticks();

}  // namespace linnet::rp2350
