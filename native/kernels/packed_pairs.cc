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

  // Adds the columns from `first` on.
  static void add_tail(const int8_t* group, const int16_t* x, uint32_t columns, uint32_t first, int32_t* sums) {
    for (uint32_t k = first; k < columns; k++)
      for (uint32_t lane = 0; lane < kLanes; lane++) sums[lane] += weight(group, columns, lane, k) * x[k];
  }

  static void dot(const int8_t* group, const int16_t* x, uint32_t columns, int32_t* sums) {
    const uint32_t whole = columns & ~3u;
    if (whole <= kMostColumns && whole != 0) {
      pairs_dot(group, x, whole / 4, sums);
    } else {
      for (uint32_t lane = 0; lane < kLanes; lane++) sums[lane] = 0;
      for (uint32_t k = 0; k < whole; k += kMostColumns) {
        int32_t part[kLanes];
        pairs_dot(group + k * kLanes, x + k, (whole - k < kMostColumns ? whole - k : kMostColumns) / 4, part);
        for (uint32_t lane = 0; lane < kLanes; lane++) sums[lane] += part[lane];
      }
    }
    if (whole != columns) add_tail(group, x, columns, whole, sums);
  }
};

uint32_t prepared_bytes(uint32_t columns) { return (columns * 2 + 3) & ~3u; }

void prepare(const int8_t* x, uint32_t columns, int8_t* to) {
  auto* out = reinterpret_cast<int16_t*>(to);
  uint32_t k = pairs_widen(x, columns, out);
  for (; k < columns; k++) out[k] = x[k];
}

// A word of the first input (two columns), one of the second.
void prepare_of_pair(const int8_t* x, uint32_t columns, uint32_t which, int8_t* to) {
  auto* out = reinterpret_cast<int16_t*>(to) + 2 * which;
  for (uint32_t k = 0; k < columns; k += 2, out += 4) {
    out[0] = x[k];
    out[1] = k + 1 < columns ? x[k + 1] : int8_t{0};
  }
}

void dense_i8_pair(const DenseView& w, const int8_t* input, uint32_t first, uint32_t count, int32_t* out) {
  const auto* x = packed::prepared<Pairs>(input);
  const uint32_t grouped = packed::grouped_rows(w), end = first + count, whole = w.columns & ~1u;
  const auto element = [x](uint32_t input, uint32_t k) { return x[k / 2 * 4 + input * 2 + k % 2]; };
  uint32_t row = first;
  while (row < end && row < grouped) {
    const int8_t* group = packed::group_at(w, row / kLanes);
    int32_t sums[2 * kLanes] = {};
    for (uint32_t k = 0; k < whole; k += kMostColumns) {
      int32_t part[2 * kLanes];
      pairs_dot_two(group + k * kLanes, x + k * 2, (whole - k < kMostColumns ? whole - k : kMostColumns) / 2, part);
      for (uint32_t i = 0; i < 2 * kLanes; i++) sums[i] += part[i];
    }
    for (uint32_t k = whole; k < w.columns; k++)
      for (uint32_t i = 0; i < 2 * kLanes; i++)
        sums[i] += Pairs::weight(group, w.columns, i % kLanes, k) * element(i / kLanes, k);
    for (uint32_t lane = row % kLanes; lane < kLanes && row < end; lane++, row++, out++) {
      out[0] = packed::finish(w, row, sums[lane]);
      out[count] = packed::finish(w, row, sums[kLanes + lane]);
    }
  }
  for (; row < end; row++, out++)
    for (uint32_t i = 0; i < 2; i++) {
      int32_t sum = 0;
      for (uint32_t k = 0; k < w.columns; k++) sum += packed::row_at(w, row)[k] * element(i, k);
      out[i * count] = packed::finish(w, row, sum);
    }
}

}  // namespace

const Kernels& packed_pairs_kernels() {
  static constexpr PackedKernels packed = {Layout::kPackedPairs,    prepared_bytes,  prepare,
                                           packed::read_row<Pairs>, prepare_of_pair, dense_i8_pair};
  static constexpr Kernels table = {"packed_pairs", packed::dense_i8<Pairs>, packed::lstm_step_i8<Pairs>, &packed};
  return table;
}

}  // namespace linnet
