// Packing of matrices for the host kernels: row_groups.h says how.
#include <cstring>

#include "native/kernels/row_groups.h"

namespace linnet {
namespace {

void pack_group(const DenseView& w, uint32_t first, uint32_t count, uint8_t* to) {
  const Group group(to, w.columns);
  std::memset(to, 128, static_cast<size_t>(group_bytes(w.columns)));
  auto* numbers = const_cast<int32_t*>(group.bias);
  std::memset(numbers, 0, 3 * kQuadBytes);
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t r = first + i;
    const int8_t* row = w.weight + static_cast<uint64_t>(r) * w.columns;
    for (uint32_t k = 0; k < w.columns; k++)
      to[uint64_t{k / 4} * kQuadBytes + i * 4 + k % 4] = static_cast<uint8_t>(row[k] + 128);
    numbers[i] = w.bias == nullptr ? 0 : w.bias[r];
    numbers[kGroupRows + i] = w.multiplier[r];
  }
  // A shift beyond the last row is used too, and has to be one that can be.
  for (uint32_t i = 0; i < kGroupRows; i++) numbers[2 * kGroupRows + i] = i < count ? w.shift[first + i] : 17;
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
