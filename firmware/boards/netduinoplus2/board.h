// Netduino Plus 2: what its wiring decides. Everything else about the board is in board.json.
#pragma once

#include <cstdint>

#include "firmware/mcu/stm32f4/f405.h"

namespace linnet::board {

constexpr uint32_t kCrystalHz = 25'000'000;

// USART1 on the header pins marked SDA and SCL (port B, alternate function 7). Its other pins, PA9 and PA10, are
// taken: PA10 is the blue LED.
constexpr uint32_t kUartPort = 1;  // GPIOB
constexpr uint32_t kUartTxPin = 6;
constexpr uint32_t kUartRxPin = 7;

}  // namespace linnet::board
