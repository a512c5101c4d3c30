#include "native/kernels/lstm_units.h"

#include "native/engine/fixed_point.h"

#if defined(__ARM_FEATURE_MVE)
#include <arm_mve.h>
#endif

namespace linnet {

#if defined(__ARM_FEATURE_MVE)

namespace {

// Of four units at once; the arithmetic of fixed_point.h.
int32x4_t interpolate_four(const uint16_t* table, int32x4_t x) {
  const int32x4_t a = vminq_s32(vabsq_s32(x), vdupq_n_s32(32767));
  const uint32x4_t at = vreinterpretq_u32_s32(vshrq_n_s32(a, 7));
  const int32x4_t low = vreinterpretq_s32_u32(vldrhq_gather_shifted_offset_u32(table, at));
  const int32x4_t next = vreinterpretq_s32_u32(vldrhq_gather_shifted_offset_u32(table + 1, at));
  const int32x4_t rise = vmulq_s32(vsubq_s32(next, low), vandq_s32(a, vdupq_n_s32(127)));
  return vaddq_s32(low, vrshrq_n_s32(rise, 7));
}
int32x4_t sigmoid_four(int32x4_t x) {
  const int32x4_t y = interpolate_four(kSigmoid, x);
  return vpselq_s32(vsubq_s32(vdupq_n_s32(32768), y), y, vcmpltq_n_s32(x, 0));
}
int32x4_t tanh_four(int32x4_t x) {
  const int32x4_t y = interpolate_four(kTanh, x);
  return vpselq_s32(vnegq_s32(y), y, vcmpltq_n_s32(x, 0));
}
void update_four(const Terms& a, const Terms& b, uint32_t u, int32_t* cell, int8_t* output) {
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

}  // namespace

#endif

void update_units(const Terms& a, const Terms& b, uint32_t count, int32_t* cell, int8_t* output) {
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

}  // namespace linnet
