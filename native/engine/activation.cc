#include "native/engine/activation.h"

#include "native/engine/fixed_point.h"

namespace linnet {
namespace {

template <typename T>
void clamp_all(const int32_t* v, uint32_t count, int32_t low, int32_t high, T* out) {
  for (uint32_t i = 0; i < count; i++) out[i] = static_cast<T>(clamp(v[i], low, high));
}

}  // namespace

void activate(uint8_t activation, const int32_t* v, uint32_t count, int8_t* out) {
  switch (static_cast<Activation>(activation)) {
    case Activation::kNone: clamp_all(v, count, -127, 127, out); break;
    case Activation::kRelu: clamp_all(v, count, 0, 127, out); break;
    case Activation::kTanh:
      for (uint32_t i = 0; i < count; i++) out[i] = to_hidden(tanh_q15(sat16(v[i])), 8);
      break;
    case Activation::kSigmoid:
      for (uint32_t i = 0; i < count; i++) out[i] = to_hidden(sigmoid_q15(sat16(v[i])), 8);
      break;
  }
}

void activate(uint8_t activation, const int32_t* v, uint32_t count, int16_t* out) {
  clamp_all(v, count, activation == static_cast<uint8_t>(Activation::kRelu) ? 0 : -32768, 32767, out);
}

}  // namespace linnet
