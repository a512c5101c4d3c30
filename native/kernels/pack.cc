// Packing of matrices for the host kernels: packed.h says how.
#include <cstring>

#include "native/kernels/packed.h"

namespace linnet {
namespace {

void pack_group(const DenseView& w, uint32_t first, uint32_t count, uint8_t* to) {
  const uint64_t bytes = group_bytes(w.columns);
  std::memset(to, 0, bytes);
  const Group group(to, w.columns);
  auto* weights = const_cast<int8_t*>(group.weights);
  auto* numbers = const_cast<int32_t*>(group.bias);
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t r = first + i;
    const int8_t* row = w.weight + static_cast<uint64_t>(r) * w.columns;
    int32_t sum = 0;
    for (uint32_t k = 0; k < w.columns; k++) {
      weights[uint64_t{k / 4} * kQuadBytes + i * 4 + k % 4] = row[k];
      sum += row[k];
    }
    numbers[i] = w.bias == nullptr ? 0 : w.bias[r];
    numbers[kGroupRows + i] = 128 * sum;
    numbers[2 * kGroupRows + i] = w.multiplier[r];
  }
  // A shift beyond the last row is used too, and has to be one that can be.
  for (uint32_t i = 0; i < kGroupRows; i++) numbers[3 * kGroupRows + i] = i < count ? w.shift[first + i] : 17;
}

}  // namespace

uint64_t packed_bytes(uint32_t rows, uint32_t columns, uint32_t sections) {
  return sections * groups_of(rows / sections) * group_bytes(columns);
}

void pack_dense(const DenseView& w, uint8_t* to) {
  for (uint32_t section = 0; section < w.rows; section += w.section_rows)
    for (uint32_t row = 0; row < w.section_rows; row += kGroupRows, to += group_bytes(w.columns))
      pack_group(w, section + row, w.section_rows - row < kGroupRows ? w.section_rows - row : kGroupRows, to);
}

}  // namespace linnet
