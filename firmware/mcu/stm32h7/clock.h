// 400 MHz, and the tick counter.
#pragma once

#include <cstdint>

namespace linnet::stm32h7 {

struct Clocks {
  uint32_t apb1_hz;   // USART3's
  uint32_t timer_hz;  // TIM2's
};

// The core at 400 MHz, from the board's clock or, if that does not come, from the internal oscillator (1 %); the 64 MHz
// the chip wakes up with if supply or PLL do not get there.
Clocks start_clocks();

// Starts TIM2, free-running over 32 bits.
void start_ticks();

}  // namespace linnet::stm32h7
