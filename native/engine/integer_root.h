// The exact integer root of an Lp pool.
#pragma once

#include <cstdint>

namespace linnet {

// The largest r with r^order <= v. order 1 … 3, v < 2^61. Bit by bit: no power tried exceeds 2^63.
constexpr uint64_t integer_root(uint64_t v, uint32_t order) {
  if (order == 1) return v;
  uint64_t root = 0;
  for (uint64_t bit = order == 2 ? uint64_t{1} << 30 : uint64_t{1} << 20; bit != 0; bit >>= 1) {
    const uint64_t r = root | bit;
    if ((order == 2 ? r * r : r * r * r) <= v) root = r;
  }
  return root;
}

// The norm of an Lp pool with 8 fraction bits, cut: sum is Σ|x|^order, below 2^(61 - 8·order).
constexpr uint64_t lp_root(uint64_t sum, uint32_t order) { return integer_root(sum << (8 * order), order); }

}  // namespace linnet
