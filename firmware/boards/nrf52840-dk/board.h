// Nordic nRF52840 DK (PCA10056): what its wiring decides. Everything else about the board is in board.json.
#pragma once

#include <cstdint>

namespace linnet::board {

// Port 0, wired to the J-Link, which makes it a USB serial port (nRF52840 DK User Guide: Virtual COM port).
constexpr uint32_t kUartTxPin = 6;
constexpr uint32_t kUartRxPin = 8;

}  // namespace linnet::board
