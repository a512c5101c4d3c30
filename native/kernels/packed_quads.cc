// Layout::kPackedQuads, for Cortex-M without DSP instructions: docs/format.md, "Packed weights". Inputs are int32.

#include "native/kernels/packed.h"
#include "native/kernels/packed_quads_dot.h"
#include "native/kernels/variants.h"

namespace linnet {
namespace {

using packed::kLanes;

struct Quads {
  using Element = int32_t;

  // The top byte is lane 0, the others have 128 added.
  static int8_t weight(const int8_t* group, uint32_t, uint32_t lane, uint32_t column) {
    const int8_t byte = group[column * kLanes + kLanes - 1 - lane];
    return static_cast<int8_t>(lane == 0 ? byte : byte ^ -128);
  }

  static void dot(const int8_t* group, const int32_t* x, uint32_t columns, uint32_t groups, int32_t* sums) {
    const uint32_t even = columns & ~1u;
    const int32_t bias = x[columns];
    if (even != 0)
      quads_dot(group, x, even / 2, sums, groups, (columns - even) * kLanes, bias);
    else
      for (uint32_t i = 0; i < groups * kLanes; i++) sums[i] = i % kLanes == 0 ? 0 : -bias;
    if (even != columns) add_last(group + even * kLanes, x[even], columns, groups, sums);
  }

  // The last column of a row that has an odd number. What the bytes are too large by is in the bias.
  static void add_last(const int8_t* word, int32_t x, uint32_t columns, uint32_t groups, int32_t* sums) {
    for (; groups > 0; groups--, word += columns * kLanes, sums += kLanes) {
      sums[0] += word[3] * x;
      for (uint32_t lane = 1; lane < kLanes; lane++) sums[lane] += static_cast<uint8_t>(word[3 - lane]) * x;
    }
  }
};

uint32_t prepared_bytes(uint32_t columns) { return (columns + 1) * 4; }

void prepare(const int8_t* x, uint32_t columns, int8_t* to) {
  auto* out = reinterpret_cast<int32_t*>(to);
  int32_t sum = 0;
  for (uint32_t k = 0; k < columns; k++) {
    out[k] = x[k];
    sum += x[k];
  }
  out[columns] = 128 * sum;
}

}  // namespace

const Kernels& packed_quads_kernels() {
  static constexpr PackedKernels packed = {Layout::kPackedQuads,    prepared_bytes, prepare,
                                           packed::read_row<Quads>, nullptr,        nullptr};
  static constexpr Kernels table =
      of_layout("packed_quads", packed::dense_i8<Quads>, packed::lstm_step_i8<Quads>, packed);
  return table;
}

}  // namespace linnet
