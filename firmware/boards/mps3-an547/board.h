// Arm MPS3 with FPGA image AN547 (Corstone SSE-300). Everything else about the board is in board.json.
#pragma once

#include <cstdint>

namespace linnet::board {

constexpr uint32_t kCounterHz = 32'000'000;  // as the core's
constexpr uint32_t kUartHz = 25'000'000;     // the APB peripherals'

constexpr uint32_t kUart0 = 0x49303000;
constexpr uint32_t kInterrupts = 128;  // 32 of the SSE-300 itself, 96 of AN547
constexpr uint32_t kUart0ReceiveIrq = 33;
constexpr uint32_t kUart0TransmitIrq = 34;

}  // namespace linnet::board
