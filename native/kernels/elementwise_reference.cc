// The definitions of sum_exp, first_above, narrow_i8 and narrow_i16. Contracts in linnet/kernels.h.
#include "native/engine/fixed_point.h"
#include "native/kernels/variants.h"

namespace linnet {

uint64_t sum_exp_reference(const int16_t* logits, uint32_t count, int32_t largest, unsigned up) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < count; i++) sum += exp_neg(static_cast<uint32_t>(largest - logits[i]) << up);
  return sum;
}

uint32_t first_above_reference(const int16_t* v, uint32_t count, int32_t limit) {
  uint32_t i = 0;
  while (i < count && v[i] <= limit) i++;
  return i;
}

namespace {

// Limits that are known are one instruction where there is one for them.
template <typename Limit, typename T>
void narrow(const int32_t* v, uint32_t count, T* out, const Limit& limit) {
#pragma GCC unroll 4
  for (uint32_t i = 0; i < count; i++) out[i] = static_cast<T>(limit(v[i]));
}

}  // namespace

void narrow_i8_reference(const int32_t* v, uint32_t count, int32_t low, int8_t* out) {
  if (low == 0) return narrow(v, count, out, [](int32_t x) { return clamp(x, 0, 127); });
  narrow(v, count, out, sat8);
}

void narrow_i16_reference(const int32_t* v, uint32_t count, int32_t low, int16_t* out) {
  if (low == 0) return narrow(v, count, out, [](int32_t x) { return clamp(x, 0, 32767); });
  narrow(v, count, out, sat16);
}

}  // namespace linnet
