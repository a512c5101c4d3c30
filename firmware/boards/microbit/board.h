// BBC micro:bit, version 1: what its wiring decides. Everything else about the board is in board.json.
#pragma once

#include <cstdint>

namespace linnet::board {

// Port 0, wired to the interface chip, which is the USB serial port (micro:bit V1.5 schematic: TGT_TX, TGT_RX).
constexpr uint32_t kUartTxPin = 24;
constexpr uint32_t kUartRxPin = 25;

}  // namespace linnet::board
