// WeAct Black Pill V2.0 and later with an STM32F411: what its wiring decides. Everything else is in board.json.
#pragma once

#include <cstdint>

#include "firmware/mcu/stm32f4/f411.h"

namespace linnet::board {

constexpr uint32_t kCrystalHz = 25'000'000;

// USART1, alternate function 7; the bootloader in ROM uses the same pins.
constexpr uint32_t kUartPort = 0;  // GPIOA
constexpr uint32_t kUartTxPin = 9;
constexpr uint32_t kUartRxPin = 10;

}  // namespace linnet::board
