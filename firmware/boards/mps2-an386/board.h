// Arm MPS2 with FPGA image AN386. Everything else about the board is in board.json.
#pragma once

#include <cstdint>

namespace linnet::board {

// The core's clock is the timers' and the UARTs' too.
constexpr uint32_t kCounterHz = 25'000'000;
constexpr uint32_t kUartHz = 25'000'000;

constexpr uint32_t kUart0 = 0x40004000;
constexpr uint32_t kInterrupts = 32;  // Arm DAI 0386
constexpr uint32_t kUart0ReceiveIrq = 0;
constexpr uint32_t kUart0TransmitIrq = 1;

}  // namespace linnet::board
