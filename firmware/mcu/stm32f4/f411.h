// STM32F411: what differs between the F4 (ST RM0383).
#pragma once

#include <cstdint>

namespace linnet::stm32f4::chip {

constexpr uint32_t kInterrupts = 86;  // table 37
constexpr uint32_t kCoreHz = 100'000'000;
constexpr uint32_t kPllN = 200, kPllP = 2, kPllQ = 5;  // from 1 MHz; Q makes 40 MHz, which nothing uses
constexpr uint32_t kApb1Divide = 2, kApb2Divide = 1;   // at most 50 and 100 MHz (6.2)
constexpr uint32_t kFlashWaits = 3;                    // 100 MHz at 2.7 V or more (table 5)
constexpr uint32_t kVoltageScale = 3u << 14;           // PWR_CR VOS: scale 1, needed above 84 MHz (5.4.1)

}  // namespace linnet::stm32f4::chip
