// Raspberry Pi Pico: what its wiring decides. Everything else about the board is in board.json.
#pragma once

#include <cstdint>

namespace linnet::board {

constexpr uint32_t kCrystalHz = 12'000'000;

// UART0, function 2 of its pins: TX on pin 1 of the board (GP0), RX on pin 2 (GP1); the probe's ground goes to pin 3.
constexpr uint32_t kUartTxPin = 0;
constexpr uint32_t kUartRxPin = 1;

}  // namespace linnet::board
