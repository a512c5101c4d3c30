// An LSTM step unit by unit: its four gate rows are the four dot products of avx2::dot4.
#include "native/engine/fixed_point.h"
#include "native/kernels/avx2.h"
#include "native/kernels/variants.h"

#if defined(__x86_64__)

namespace linnet {
namespace {

// dense rows unit, hidden + unit, 2·hidden + unit, 3·hidden + unit, clamped to the gate limit.
LINNET_AVX2 inline __m128i gates(const DenseView& w, const int8_t* x, uint32_t unit, uint32_t hidden) {
  const uint32_t r[4] = {unit, hidden + unit, 2 * hidden + unit, 3 * hidden + unit};
  const int8_t* const rows[4] = {
      w.weight + static_cast<uint64_t>(r[0]) * w.columns, w.weight + static_cast<uint64_t>(r[1]) * w.columns,
      w.weight + static_cast<uint64_t>(r[2]) * w.columns, w.weight + static_cast<uint64_t>(r[3]) * w.columns};
  __m128i acc = avx2::dot4(rows, x, w.columns);
  if (w.bias) acc = _mm_add_epi32(acc, _mm_setr_epi32(w.bias[r[0]], w.bias[r[1]], w.bias[r[2]], w.bias[r[3]]));
  const __m128i multiplier =
      _mm_setr_epi32(w.multiplier[r[0]], w.multiplier[r[1]], w.multiplier[r[2]], w.multiplier[r[3]]);
  const __m128i shift = _mm_setr_epi32(w.shift[r[0]], w.shift[r[1]], w.shift[r[2]], w.shift[r[3]]);
  const __m128i v = avx2::requantize4(acc, multiplier, shift);
  return _mm_max_epi32(_mm_min_epi32(v, _mm_set1_epi32(kGateLimit)), _mm_set1_epi32(-kGateLimit));
}

}  // namespace

LINNET_AVX2 void lstm_step_i8_avx2(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell,
                                   int8_t* output) {
  if (w.input.columns < avx2::kWidth || w.recurrent.columns < avx2::kWidth)
    return lstm_step_i8_reference(w, x, hidden, cell, output);
  for (uint32_t unit = 0; unit < w.hidden_size; unit++) {
    const __m128i sum =
        _mm_add_epi32(gates(w.input, x, unit, w.hidden_size), gates(w.recurrent, hidden, unit, w.hidden_size));
    alignas(16) int16_t pre[8];  // i, f, g, o twice
    _mm_store_si128(reinterpret_cast<__m128i*>(pre), _mm_packs_epi32(sum, sum));
    output[unit] = lstm_cell(pre[0], pre[1], pre[2], pre[3], &cell[unit]);
  }
}

}  // namespace linnet

#endif
