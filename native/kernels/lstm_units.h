// A step of an LSTM in blocks of units, for kernels that make the sums of many rows at a time.
#pragma once

#include "linnet/kernels.h"
#include "native/engine/fixed_point.h"
#include "native/kernels/requantize_rows.h"

#if defined(__ARM_FEATURE_MVE)
#include <arm_mve.h>
#endif

namespace linnet {

constexpr uint32_t kGates = 4;
constexpr uint32_t kBlockUnits = 16;  // of a block, a multiple of all that kernels make at once

// What a matrix adds to the pre-activations of a block: [gate][unit].
using Terms = int32_t[kGates][kBlockUnits];

// Sums of rows [first, first + count) become results; as requantize_rows.
inline bool finish(const DenseView& w, uint32_t first, uint32_t count, int32_t* sums) {
  return requantize_rows(sums, w.bias == nullptr ? nullptr : w.bias + first, w.multiplier + first, w.shift + first,
                         count);
}

#if defined(__ARM_FEATURE_MVE)

// Of four units at once; the arithmetic of fixed_point.h.
inline int32x4_t interpolate_four(const uint16_t* table, int32x4_t x) {
  const int32x4_t a = vminq_s32(vabsq_s32(x), vdupq_n_s32(32767));
  const uint32x4_t at = vreinterpretq_u32_s32(vshrq_n_s32(a, 7));
  const int32x4_t low = vreinterpretq_s32_u32(vldrhq_gather_shifted_offset_u32(table, at));
  const int32x4_t next = vreinterpretq_s32_u32(vldrhq_gather_shifted_offset_u32(table + 1, at));
  const int32x4_t rise = vmulq_s32(vsubq_s32(next, low), vandq_s32(a, vdupq_n_s32(127)));
  return vaddq_s32(low, vrshrq_n_s32(rise, 7));
}
inline int32x4_t sigmoid_four(int32x4_t x) {
  const int32x4_t y = interpolate_four(kSigmoid, x);
  return vpselq_s32(vsubq_s32(vdupq_n_s32(32768), y), y, vcmpltq_n_s32(x, 0));
}
inline int32x4_t tanh_four(int32x4_t x) {
  const int32x4_t y = interpolate_four(kTanh, x);
  return vpselq_s32(vnegq_s32(y), y, vcmpltq_n_s32(x, 0));
}
inline void update_four(const Terms& a, const Terms& b, uint32_t u, int32_t* cell, int8_t* output) {
  const auto pre = [&](uint32_t gate) { return vaddq_s32(vldrwq_s32(&a[gate][u]), vldrwq_s32(&b[gate][u])); };
  const int32x4_t i = sigmoid_four(pre(0)), f = sigmoid_four(pre(1)), g = tanh_four(pre(2)), o = sigmoid_four(pre(3));
  const int32x4_t c = vldrwq_s32(cell + u);
  const int32x4_t low = vaddq_n_s32(vmulq_s32(f, vandq_s32(c, vdupq_n_s32(32767))), 1 << 14);
  const int32x4_t rest = vshrq_n_s32(vaddq_s32(vshrq_n_s32(low, 1), vmulq_s32(i, g)), 14);
  const int32x4_t next = vqaddq_s32(vmulq_s32(f, vshrq_n_s32(c, 15)), rest);
  vstrwq_s32(cell + u, next);
  const int32x4_t t = tanh_four(vrshrq_n_s32(next, 4));
  const int32x4_t h = vrshrq_n_s32(vmulq_s32(o, t), 23);
  vstrbq_s32(output + u, vminq_s32(h, vdupq_n_s32(127)));
}

#endif

// New cells and outputs of `count` units.
inline void update_units(const Terms& a, const Terms& b, uint32_t count, int32_t* cell, int8_t* output) {
  uint32_t u = 0;
#if defined(__ARM_FEATURE_MVE)
  for (; u + 4 <= count; u += 4) update_four(a, b, u, cell, output);
#endif
  // Hidden from the compiler, which else makes two addresses of each.
  const uint16_t *sigmoid = kSigmoid, *tanh = kTanh;
  asm("" : "+r"(sigmoid), "+r"(tanh));
  for (; u < count; u++) {
    const auto pre = [&](uint32_t gate) { return a[gate][u] + b[gate][u]; };
    output[u] = lstm_update(sigmoid_q15(pre(0), sigmoid), sigmoid_q15(pre(1), sigmoid), tanh_q15(pre(2), tanh),
                            sigmoid_q15(pre(3), sigmoid), &cell[u], tanh);
  }
}

// terms(matrix, first, count, units, input, to) fills in what a matrix adds to units [first, first + count); true if
// that is within ±2^29.
template <typename MakeTerms>
void lstm_step(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output,
               const MakeTerms& terms) {
  const uint32_t units = w.hidden_size;
  for (uint32_t first = 0; first < units; first += kBlockUnits) {
    const uint32_t count = units - first < kBlockUnits ? units - first : kBlockUnits;
    Terms a, b;
    bool within = terms(w.input, first, count, units, x, a);
    within &= terms(w.recurrent, first, count, units, hidden, b);
    if (!within)
      for (uint32_t gate = 0; gate < kGates; gate++)
        for (uint32_t i = 0; i < count; i++) {
          a[gate][i] = clamp_gate_term(a[gate][i]);
          b[gate][i] = clamp_gate_term(b[gate][i]);
        }
    update_units(a, b, count, cell + first, output + first);
  }
}

}  // namespace linnet
