#include "native/engine/activation.h"

#include "native/engine/fixed_point.h"

#if defined(__ARM_FEATURE_MVE)
#include <arm_mve.h>
#endif

namespace linnet {
namespace {

#if defined(__ARM_FEATURE_MVE)
void narrow(int32x4_t v, int8_t* out) { vstrbq_s32(out, v); }
void narrow(int32x4_t v, int16_t* out) { vstrhq_s32(out, v); }
#endif

// out[i] = limit(v[i]), which is v[i] clamped to [low, high].
template <typename Limit, typename T>
void limit_all(const int32_t* v, uint32_t count, T* out, const Limit& limit, [[maybe_unused]] int32_t low,
               [[maybe_unused]] int32_t high) {
  uint32_t i = 0;
#if defined(__ARM_FEATURE_MVE)
  const int32x4_t lowest = vdupq_n_s32(low), highest = vdupq_n_s32(high);
  for (; i + 4 <= count; i += 4) narrow(vminq_s32(vmaxq_s32(vldrwq_s32(v + i), lowest), highest), out + i);
#endif
#pragma GCC unroll 4
  for (; i < count; i++) out[i] = static_cast<T>(limit(v[i]));
}

}  // namespace

void activate(uint8_t activation, const int32_t* v, uint32_t count, int8_t* out) {
  switch (static_cast<Activation>(activation)) {
    case Activation::kNone: limit_all(v, count, out, sat8, -127, 127); break;
    case Activation::kRelu:
      limit_all(
          v, count, out, [](int32_t x) { return clamp(x, 0, 127); }, 0, 127);
      break;
    case Activation::kTanh:
      for (uint32_t i = 0; i < count; i++) out[i] = to_hidden(tanh_q15(sat16(v[i])), 8);
      break;
    case Activation::kSigmoid:
      for (uint32_t i = 0; i < count; i++) out[i] = to_hidden(sigmoid_q15(sat16(v[i])), 8);
      break;
  }
}

void activate(uint8_t activation, const int32_t* v, uint32_t count, int16_t* out) {
  if (activation == static_cast<uint8_t>(Activation::kRelu))
    limit_all(
        v, count, out, [](int32_t x) { return clamp(x, 0, 32767); }, 0, 32767);
  else
    limit_all(v, count, out, sat16, -32768, 32767);
}

}  // namespace linnet
