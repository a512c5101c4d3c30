#include "native/engine/activation.h"

#include "native/engine/fixed_point.h"

namespace linnet {
namespace {

template <int32_t kLow, int32_t kHigh, typename T>
void clamp_all(const int32_t* v, uint32_t count, T* out) {
#pragma GCC unroll 4
  for (uint32_t i = 0; i < count; i++) out[i] = static_cast<T>(clamp(v[i], kLow, kHigh));
}

}  // namespace

void activate(uint8_t activation, const int32_t* v, uint32_t count, int8_t* out) {
  switch (static_cast<Activation>(activation)) {
    case Activation::kNone: clamp_all<-127, 127>(v, count, out); break;
    case Activation::kRelu: clamp_all<0, 127>(v, count, out); break;
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
    clamp_all<0, 32767>(v, count, out);
  else
    clamp_all<-32768, 32767>(v, count, out);
}

}  // namespace linnet
