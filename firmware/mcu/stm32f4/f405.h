// STM32F405 and F407: what differs between the F4 (ST RM0090).
#pragma once

#include <cstdint>

namespace linnet::stm32f4::chip {

constexpr uint32_t kInterrupts = 82;  // table 61
constexpr uint32_t kCoreHz = 168'000'000;
constexpr uint32_t kPllN = 336, kPllP = 2, kPllQ = 7;  // from 1 MHz; Q makes USB's 48 MHz, unused
constexpr uint32_t kApb1Divide = 4, kApb2Divide = 2;   // at most 42 and 84 MHz (7.2)
constexpr uint32_t kFlashWaits = 5;                    // 168 MHz at 2.7 V or more (table 10)
constexpr uint32_t kVoltageScale = 1u << 14;           // PWR_CR VOS: scale 1, as after reset (5.4.1)

}  // namespace linnet::stm32f4::chip
