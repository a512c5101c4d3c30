#include "native/engine/activation.h"

#include "native/engine/fixed_point.h"

namespace linnet {
namespace {

// out[i] = limit(v[i]).
template <typename Limit, typename T>
void limit_all(const int32_t* v, uint32_t count, T* out, const Limit& limit) {
#pragma GCC unroll 4
  for (uint32_t i = 0; i < count; i++) out[i] = static_cast<T>(limit(v[i]));
}

}  // namespace

void activate(uint8_t activation, const int32_t* v, uint32_t count, int8_t* out) {
  switch (static_cast<Activation>(activation)) {
    case Activation::kNone: limit_all(v, count, out, sat8); break;
    case Activation::kRelu: limit_all(v, count, out, [](int32_t x) { return clamp(x, 0, 127); }); break;
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
    limit_all(v, count, out, [](int32_t x) { return clamp(x, 0, 32767); });
  else
    limit_all(v, count, out, sat16);
}

}  // namespace linnet
