// The definition of sum_exp. Contract in linnet/kernels.h.
#include "native/engine/fixed_point.h"
#include "native/kernels/variants.h"

namespace linnet {

uint64_t sum_exp_reference(const int16_t* logits, uint32_t count, int32_t largest, unsigned up) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < count; i++) sum += exp_neg(static_cast<uint32_t>(largest - logits[i]) << up);
  return sum;
}

}  // namespace linnet
