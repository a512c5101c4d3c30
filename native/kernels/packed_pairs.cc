// Layout::kPackedPairs, for Cortex-M with DSP instructions: docs/format.md, "Packed weights". Inputs are int16.
#include "native/kernels/packed.h"
#include "native/kernels/packed_pairs_dot.h"
#include "native/kernels/variants.h"

namespace linnet {
namespace {

using packed::kLanes;

// A sum of row a is had from 256·a + b as long as it fits 24 bits: 512 · 128 · 127 < 2^23. Longer rows are split.
constexpr uint32_t kMostColumns = 512;

struct Pairs {
  using Element = int16_t;

  static int8_t weight(const int8_t* group, uint32_t columns, uint32_t lane, uint32_t column) {
    // Two columns of all four rows take 8 bytes; an odd one at the end takes 4.
    const bool alone = column + 1 == columns && columns % 2 == 1;
    const int8_t* pair = group + column / 2 * 8 + (alone ? lane / 2 * 2 : lane / 2 * 4 + column % 2 * 2);
    return static_cast<int8_t>(lane % 2 == 1 ? pair[0] : pair[1] + (pair[0] < 0 ? 1 : 0));
  }

  // Sums of groups that a word of weights and inputs cannot make: the last columns of a row.
  static void add_tail(const int8_t* group, const int16_t* x, uint32_t columns, uint32_t first, int32_t* sums) {
    for (uint32_t k = first; k < columns; k++)
      for (uint32_t lane = 0; lane < kLanes; lane++) sums[lane] += weight(group, columns, lane, k) * x[k];
  }

  static void dot(const int8_t* group, const int16_t* x, uint32_t columns, uint32_t groups, int32_t* sums) {
    const uint32_t done = dot_some(group, x, columns, 0, groups, sums);
    if (done == columns) return;
    for (uint32_t i = 0; i < groups; i++, group += kLanes * columns, sums += kLanes) {
      uint32_t k = done;
      while (columns - k >= 4) {
        int32_t part[kLanes];
        k += dot_some(group, x, columns, k, 1, part);
        for (uint32_t lane = 0; lane < kLanes; lane++) sums[lane] += part[lane];
      }
      add_tail(group, x, columns, k, sums);
    }
  }

  // Sums of so many columns from `first` on as can be had at once; returns how many.
  static uint32_t dot_some(const int8_t* group, const int16_t* x, uint32_t columns, uint32_t first, uint32_t groups,
                           int32_t* sums) {
    const uint32_t left = columns - first;
    if (left < 4) {
      for (uint32_t i = 0; i < groups * kLanes; i++) sums[i] = 0;
      return 0;
    }
    const uint32_t whole = left & ~3u, fours = whole < kMostColumns ? whole : kMostColumns;
    const uint32_t pair = fours == whole ? left & 2 : 0;
    const uint32_t skip = (columns - fours - pair) * kLanes;
    pairs_dot(group + first * kLanes, x + first, fours / 4, sums, groups, skip, pair);
    return fours + pair;
  }
};

uint32_t prepared_bytes(uint32_t columns) { return (columns * 2 + 3) & ~3u; }

void prepare(const int8_t* x, uint32_t columns, int8_t* to) {
  auto* out = reinterpret_cast<int16_t*>(to);
  for (uint32_t k = pairs_widen(x, columns, out, 2); k < columns; k++) out[k] = x[k];
}

// A word of the first input (two columns), one of the second.
void prepare_of_pair(const int8_t* x, uint32_t columns, uint32_t which, int8_t* to) {
  auto* out = reinterpret_cast<int16_t*>(to) + 2 * which;
  for (uint32_t k = pairs_widen(x, columns, out, 4); k < columns; k++) out[k / 2 * 4 + k % 2] = x[k];
}

int16_t element_of_pair(const int16_t* x, uint32_t input, uint32_t column) {
  return x[column / 2 * 4 + input * 2 + column % 2];
}

// Groups whose sums for two inputs are made at a time.
constexpr uint32_t kGroups = 4;

// As Pairs::dot, four sums for the first input and four for the second in turn.
void dot_two(const int8_t* group, const int16_t* x, uint32_t columns, uint32_t groups, int32_t* sums) {
  const uint32_t whole = columns & ~1u, first = whole < kMostColumns ? whole : kMostColumns;
  if (first != 0) {
    pairs_dot_two(group, x, first / 2, sums, groups, (columns - first) * kLanes);
    if (columns == first) return;
  } else {
    for (uint32_t i = 0; i < groups * 2 * kLanes; i++) sums[i] = 0;
  }
  for (uint32_t i = 0; i < groups; i++, group += kLanes * columns, sums += 2 * kLanes) {
    for (uint32_t k = first; k < whole; k += kMostColumns) {
      int32_t part[2 * kLanes];
      const uint32_t blocks = (whole - k < kMostColumns ? whole - k : kMostColumns) / 2;
      pairs_dot_two(group + k * kLanes, x + k * 2, blocks, part, 1, 0);
      for (uint32_t j = 0; j < 2 * kLanes; j++) sums[j] += part[j];
    }
    if (whole == columns) continue;
    for (uint32_t j = 0; j < 2 * kLanes; j++)
      sums[j] += Pairs::weight(group, columns, j % kLanes, whole) * element_of_pair(x, j / kLanes, whole);
  }
}

int32_t plain_dot_of_pair(const int8_t* row, const int16_t* x, uint32_t input, uint32_t columns) {
  int32_t sum = 0;
  for (uint32_t k = 0; k < columns; k++) sum += row[k] * element_of_pair(x, input, k);
  return sum;
}

void dense_i8_pair(const DenseView& w, const int8_t* input, uint32_t first, uint32_t count, int32_t* out) {
  const auto* x = packed::prepared<Pairs>(input);
  const uint32_t grouped = packed::grouped_rows(w), end = first + count;
  int32_t* to = out;
  uint32_t row = first;
  while (row < end && row < grouped) {
    const uint32_t left = (grouped + kLanes - 1 - row) / kLanes, wanted = (end + kLanes - 1) / kLanes - row / kLanes;
    uint32_t groups = left < wanted ? left : wanted;
    if (groups > kGroups) groups = kGroups;
    int32_t sums[kGroups * 2 * kLanes];
    dot_two(packed::group_at(w, row / kLanes), x, w.columns, groups, sums);
    for (uint32_t i = row % kLanes; i < groups * kLanes && row < end; i++, row++, to++) {
      const int32_t* both = sums + i / kLanes * 2 * kLanes + i % kLanes;
      to[0] = both[0];
      to[count] = both[kLanes];
    }
  }
  for (; row < end; row++, to++)
    for (uint32_t i = 0; i < 2; i++) to[i * count] = plain_dot_of_pair(packed::row_at(w, row), x, i, w.columns);
  finish(w, first, count, out);
  finish(w, first, count, out + count);
}

}  // namespace

const Kernels& packed_pairs_kernels() {
  static constexpr PackedKernels packed = {Layout::kPackedPairs,    prepared_bytes,  prepare,
                                           packed::read_row<Pairs>, prepare_of_pair, dense_i8_pair};
  static constexpr Kernels table =
      of_layout("packed_pairs", packed::dense_i8<Pairs>, packed::lstm_step_i8<Pairs>, packed);
  return table;
}

}  // namespace linnet
