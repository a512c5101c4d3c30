#include "native/engine/activation.h"

#include "native/engine/fixed_point.h"

namespace linnet {
void activate(uint8_t activation, const int32_t* v, uint32_t count, int8_t* out) {
  switch (static_cast<Activation>(activation)) {
    case Activation::kNone: kernels().narrow_i8(v, count, -127, out); break;
    case Activation::kRelu: kernels().narrow_i8(v, count, 0, out); break;
    case Activation::kTanh:
      for (uint32_t i = 0; i < count; i++) out[i] = to_hidden(tanh_q15(sat16(v[i])), 8);
      break;
    case Activation::kSigmoid:
      for (uint32_t i = 0; i < count; i++) out[i] = to_hidden(sigmoid_q15(sat16(v[i])), 8);
      break;
  }
}

void activate(uint8_t activation, const int32_t* v, uint32_t count, int16_t* out) {
  kernels().narrow_i16(v, count, activation == static_cast<uint8_t>(Activation::kRelu) ? 0 : -32768, out);
}

void activate_largest(uint8_t activation, const int32_t* v, uint32_t count, int8_t* so_far) {
  if (activation <= static_cast<uint8_t>(Activation::kRelu)) {  // which clamp: what is there is the lower limit
#pragma GCC unroll 4
    for (uint32_t i = 0; i < count; i++) so_far[i] = static_cast<int8_t>(clamp(v[i], so_far[i], 127));
    return;
  }
  int8_t now[kRowBlock];
  activate(activation, v, count, now);
  for (uint32_t i = 0; i < count; i++) so_far[i] = now[i] > so_far[i] ? now[i] : so_far[i];
}

}  // namespace linnet
