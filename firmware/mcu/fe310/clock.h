// 256 MHz from the board's crystal.
#pragma once

#include <cstdint>

namespace linnet::fe310 {

// @returns the clock of core and UART, Hz: 256 MHz, or about what the chip wakes up with if the crystal or the PLL does
// not start.
uint32_t start_clocks();

}  // namespace linnet::fe310
