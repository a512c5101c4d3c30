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
    for (; groups > 0; groups--, group += kLanes * columns, sums += kLanes) dot(group, x, columns, sums);
  }

  static void dot(const int8_t* group, const int32_t* x, uint32_t columns, int32_t* sums) {
    // Of the words and of their upper 24, 16 and 8 bits, exact modulo 2^32.
    uint32_t upper[kLanes] = {};
    const uint32_t whole = columns & ~3u;
    if (whole != 0) quads_dot(group, x, whole / 4, upper);
    for (uint32_t k = whole; k < columns; k++) {
      int32_t word;
      __builtin_memcpy(&word, group + k * kLanes, 4);
      for (uint32_t lane = 0; lane < kLanes; lane++)
        upper[lane] += static_cast<uint32_t>(word >> (24 - 8 * lane)) * static_cast<uint32_t>(x[k]);
    }
    const auto bias = static_cast<uint32_t>(x[columns]);  // 128 · Σx
    for (uint32_t lane = 0; lane < kLanes; lane++)
      sums[lane] = static_cast<int32_t>(lane == 0 ? upper[0] : upper[lane] - 256 * upper[lane - 1] - bias);
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
  static constexpr Kernels table = {"packed_quads", packed::dense_i8<Quads>, packed::lstm_step_i8<Quads>, &packed};
  return table;
}

}  // namespace linnet
