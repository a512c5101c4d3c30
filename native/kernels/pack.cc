// Packing of matrices for the host kernels: row_groups.h says how.
#include <cstring>

#include "native/kernels/row_groups.h"

namespace linnet {
namespace {

void pack_group(const DenseView& w, uint32_t first, uint32_t count, uint8_t* to) {
  const Group group(to, w.columns);
  auto* numbers = const_cast<int32_t*>(group.bias);
  std::memset(numbers, 0, 3 * kQuadBytes);
  if (count < kGroupRows || w.columns % 4 != 0)
    std::memset(to, 128, static_cast<size_t>(uint64_t{kQuadBytes} * quads_of(w.columns)));
  const int8_t* rows = w.weight + uint64_t{first} * w.columns;
  const uint32_t whole = w.columns / 4;
  uint8_t* quad = to;
  for (uint32_t q = 0; q < whole; q++, quad += kQuadBytes)
    for (uint32_t i = 0; i < count; i++) {
      uint32_t four;
      std::memcpy(&four, rows + uint64_t{i} * w.columns + q * 4, 4);
      four ^= 0x80808080u;  // + 128 in every byte
      std::memcpy(quad + i * 4, &four, 4);
    }
  for (uint32_t i = 0; i < count; i++) {
    const int8_t* row = rows + uint64_t{i} * w.columns;
    for (uint32_t k = whole * 4; k < w.columns; k++) quad[i * 4 + k % 4] = static_cast<uint8_t>(row[k] + 128);
    numbers[i] = w.bias == nullptr ? 0 : w.bias[first + i];
    numbers[kGroupRows + i] = w.multiplier[first + i];
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
