// Building blocks of the NEON kernels: 16 rows at a time in four vectors of four (row_groups.h). What multiplies, sdot
// or smull, is the tier's.
#pragma once

#if defined(__aarch64__)

#include <arm_neon.h>

#include "native/engine/fixed_point.h"
#include "native/kernels/row_groups.h"

namespace linnet {
namespace neon {

// int32 of 16 rows.
struct Rows {
  int32x4_t of[4];
};
// Four columns of 16 rows.
struct Weights {
  int8x16_t of[4];
};

constexpr uint32_t kTile = 4, kTileGroups = 1;

static inline Rows load16(const int32_t* p) {
  return {{vld1q_s32(p), vld1q_s32(p + 4), vld1q_s32(p + 8), vld1q_s32(p + 12)}};
}
static inline Rows zero() { return {{vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)}}; }
static inline Rows add(Rows a, const Rows& b) {
  for (int i = 0; i < 4; i++) a.of[i] = vaddq_s32(a.of[i], b.of[i]);
  return a;
}
static inline void store(int32_t* p, const Rows& v) {
  for (int i = 0; i < 4; i++) vst1q_s32(p + 4 * i, v.of[i]);
}

// What the sums of a group start from at x, of which total() was taken.
static inline Rows start(const Group& group, int32_t) { return load16(group.bias); }
static inline int32_t total(const int8_t*, uint32_t) { return 0; }

static inline Weights load_weights(const uint8_t* p) {
  Weights w;
  for (int i = 0; i < 4; i++) w.of[i] = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(p + 16 * i), vdupq_n_u8(128)));
  return w;
}

// requantize() of 16 lanes: a rounding shift to the left by less than nothing rounds ties up, as round_shift() does,
// and the narrowing saturates.
struct Requantizer {
  Rows multiplier, shift;
};
static inline Requantizer requantizer(const Group& g) { return {load16(g.multiplier), load16(g.shift)}; }
static inline Rows requantize(Rows acc, const Requantizer& r) {
  for (int i = 0; i < 4; i++) {
    const int32x4_t m = r.multiplier.of[i], left = vnegq_s32(r.shift.of[i]);
    const int64x2_t low = vmull_s32(vget_low_s32(acc.of[i]), vget_low_s32(m)), high = vmull_high_s32(acc.of[i], m);
    acc.of[i] = vcombine_s32(vqmovn_s64(vrshlq_s64(low, vmovl_s32(vget_low_s32(left)))),
                             vqmovn_s64(vrshlq_s64(high, vmovl_high_s32(left))));
  }
  return acc;
}

}  // namespace neon

// Four columns of x for all rows.
namespace neonsmull {
using namespace neon;  // NOLINT
// A pair of products is at most 2 · 127 · 128 < 2^15.
static inline Rows multiply_add(Rows sum, const Weights& w, int32_t columns) {
  const int8x16_t x = vreinterpretq_s8_s32(vdupq_n_s32(columns));
  for (int i = 0; i < 4; i++) {
    const int16x8_t low = vmull_s8(vget_low_s8(w.of[i]), vget_low_s8(x)), high = vmull_high_s8(w.of[i], x);
    sum.of[i] = vpadalq_s16(sum.of[i], vpaddq_s16(low, high));
  }
  return sum;
}
}  // namespace neonsmull

namespace neonsdot {
using namespace neon;  // NOLINT
#define LINNET_SDOT __attribute__((target("arch=armv8.2-a+dotprod")))
LINNET_SDOT static inline Rows multiply_add(Rows sum, const Weights& w, int32_t columns) {
  const int8x16_t x = vreinterpretq_s8_s32(vdupq_n_s32(columns));
  for (int i = 0; i < 4; i++) sum.of[i] = vdotq_s32(sum.of[i], w.of[i], x);
  return sum;
}
}  // namespace neonsdot

}  // namespace linnet

#endif  // __aarch64__
