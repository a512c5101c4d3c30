// The definition of dense_i8: plain loops, read first. Contract in linnet/kernels.h.
#include "native/engine/fixed_point.h"
#include "native/kernels/variants.h"

namespace linnet {

void dense_i8_reference(const DenseView& w, const int8_t* x, uint32_t first, uint32_t count, int32_t* out) {
  for (uint32_t r = first; r < first + count; r++) {
    const int8_t* row = w.weight + static_cast<uint64_t>(r) * w.columns;
    int32_t acc = w.bias ? w.bias[r] : 0;
    for (uint32_t k = 0; k < w.columns; k++) acc += row[k] * x[k];
    *out++ = requantize(acc, w.multiplier[r], w.shift[r]);
  }
}

void dense_many_i8_reference(const DenseView& w, const int8_t* x, uint32_t stride, uint32_t positions, uint32_t first,
                             uint32_t count, int32_t* out) {
  for (uint32_t p = 0; p < positions; p++, x += stride, out += count) dense_i8_reference(w, x, first, count, out);
}

}  // namespace linnet
