// The definitions of sum_exp, narrow_i8 and narrow_i16. Contracts in linnet/kernels.h.
#include "native/engine/fixed_point.h"
#include "native/kernels/variants.h"

namespace linnet {

uint64_t sum_exp_reference(const int16_t* logits, uint32_t count, int32_t largest, unsigned up) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < count; i++) sum += exp_neg(static_cast<uint32_t>(largest - logits[i]) << up);
  return sum;
}

void narrow_i8_reference(const int32_t* v, uint32_t count, int32_t low, int8_t* out) {
  for (uint32_t i = 0; i < count; i++) out[i] = static_cast<int8_t>(clamp(v[i], low, 127));
}

void narrow_i16_reference(const int32_t* v, uint32_t count, int32_t low, int16_t* out) {
  for (uint32_t i = 0; i < count; i++) out[i] = static_cast<int16_t>(clamp(v[i], low, 32767));
}

}  // namespace linnet
