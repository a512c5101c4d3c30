// How the host kernels want a matrix: groups of 16 rows, of each group four columns of every row at a time, so that the
// sums of 16 rows grow in the lanes of one vector and need no adding across. Made at load (pack_dense), read by every
// x86 tier.
//
//     group: uint8 [quads][16 rows][4 columns], weight + 128; 0 + 128 beyond the last row and column
//            int32 [16] bias, int32 [16] multiplier, int32 [16] shift
//
// vpdpbusd multiplies unsigned by signed: the weights are the unsigned ones, so that x can be read as it is and one
// correction, 128·Σ x, holds for all rows.
//
// The rows of a recurrent layer come in as many sections as it has gates, each of which starts a group of its own.
#pragma once

#include <cstdint>

#include "linnet/kernels.h"

namespace linnet {

constexpr uint32_t kGroupRows = 16;
constexpr uint32_t kQuadBytes = 4 * kGroupRows;

constexpr uint32_t quads_of(uint32_t columns) { return (columns + 3) / 4; }
constexpr uint64_t group_bytes(uint32_t columns) { return uint64_t{kQuadBytes} * quads_of(columns) + 3 * kQuadBytes; }
constexpr uint32_t groups_of(uint32_t rows) { return (rows + kGroupRows - 1) / kGroupRows; }

// One group; `columns` are the matrix's.
struct Group {
  const uint8_t* weights;
  const int32_t *bias, *multiplier, *shift;

  Group(const uint8_t* at, uint32_t columns)
      : weights(at),
        bias(reinterpret_cast<const int32_t*>(at + uint64_t{kQuadBytes} * quads_of(columns))),
        multiplier(bias + kGroupRows),
        shift(multiplier + kGroupRows) {}
};

}  // namespace linnet
