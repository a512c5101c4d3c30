// HiFive1: what its wiring decides. Everything else about the board is in board.json.
#pragma once

#include <cstdint>

namespace linnet::board {

constexpr uint32_t kCrystalHz = 16'000'000;
constexpr uint32_t kFlashHz = 50'000'000;  // IS25LP128: most at which it answers plain reads (03h)

}  // namespace linnet::board
