// Arm MPS2 with FPGA image AN386. Everything else about the board is in board.json.
#pragma once

#include <cstdint>

namespace linnet::board {

constexpr uint32_t kClockHz = 25'000'000;  // the core's, the timers' and the UARTs'

}  // namespace linnet::board
