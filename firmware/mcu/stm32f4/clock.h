// The chip's full speed from the board's crystal, and the tick counter.
#pragma once

#include <cstdint>

namespace linnet::stm32f4 {

struct Clocks {
  uint32_t core_hz;
  uint32_t apb2_hz;   // USART1's
  uint32_t timer_hz;  // TIM2's
};

// chip::kCoreHz from the crystal; the 16 MHz the chip wakes up with if that does not start.
Clocks start_clocks();

// Starts TIM2, free-running over 32 bits. Returns its rate.
uint32_t start_ticks(const Clocks& clocks);

}  // namespace linnet::stm32f4
