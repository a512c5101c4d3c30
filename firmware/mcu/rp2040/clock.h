// 125 MHz from the board's crystal, and the tick counter.
#pragma once

#include <cstdint>

namespace linnet::rp2040 {

// 125 MHz from the crystal by PLL_SYS; the crystal's own 12 MHz if the PLL does not lock; the ring oscillator, which
// is 6.5 MHz more or less, if there is no crystal. Peripherals run at the core's clock. Also starts the tick counter.
// Returns the core's clock in Hz.
uint32_t start_clocks();

// Cycles of the core, in steps of a microsecond. Wraps at 2^32.
uint32_t ticks();

}  // namespace linnet::rp2040
