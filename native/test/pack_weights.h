// Packs a row-major matrix as docs/format.md, "Packed weights", says; written from there, not from the kernels.
#pragma once

#include <vector>

#include "linnet/kernels.h"

namespace linnet::test {

inline std::vector<int8_t> pack_weights(const int8_t* w, uint32_t rows, uint32_t columns, Packing packing,
                                        Layout layout) {
  std::vector<int8_t> out(w, w + static_cast<size_t>(rows) * columns);
  for (uint32_t position = 0; position < rows / 4 * 4; position++) {
    const uint32_t group = position / 4, lane = position % 4;
    const uint32_t row = packing == Packing::kGates ? lane * (rows / 4) + group : position;
    int8_t* to = out.data() + static_cast<size_t>(group) * 4 * columns;
    for (uint32_t k = 0; k < columns; k++) {
      const int8_t value = w[static_cast<size_t>(row) * columns + k];
      if (layout == Layout::kPackedQuads) {
        to[4 * k + 3 - lane] = static_cast<int8_t>(lane == 0 ? value : value ^ -128);
        continue;
      }
      const bool odd_end = columns % 2 == 1 && k == columns - 1;
      int8_t* half = to + k / 2 * 8 + (odd_end ? lane / 2 * 2 : lane / 2 * 4 + k % 2 * 2);
      if (lane % 2 == 1) {  // 256·a + b, whose a came before
        half[0] = value;
        if (value < 0) half[1] = static_cast<int8_t>(half[1] - 1);
      } else {
        half[1] = value;
      }
    }
  }
  return out;
}

}  // namespace linnet::test
