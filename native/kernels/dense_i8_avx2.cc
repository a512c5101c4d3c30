// dense_i8 four rows at a time.
#include "native/kernels/avx2.h"
#include "native/kernels/variants.h"

#if defined(__x86_64__)

#include <cstring>

namespace linnet {

LINNET_AVX2 void dense_i8_avx2(const DenseView& w, const int8_t* x, uint32_t first, uint32_t count, int32_t* out) {
  if (w.columns < avx2::kWidth) return dense_i8_reference(w, x, first, count, out);
  const uint32_t blocks = count / 4;
  const int8_t* row = w.weight + static_cast<uint64_t>(first) * w.columns;
  for (uint32_t i = 0; i < blocks; i++, first += 4, out += 4) {
    const int8_t* const rows[4] = {row, row + w.columns, row + 2 * w.columns, row + 3 * w.columns};
    row += 4 * w.columns;
    __m128i acc = avx2::dot4(rows, x, w.columns);
    if (w.bias) acc = _mm_add_epi32(acc, _mm_loadu_si128(reinterpret_cast<const __m128i*>(w.bias + first)));
    int32_t shifts;
    std::memcpy(&shifts, w.shift + first, 4);
    const __m128i multiplier = _mm_loadu_si128(reinterpret_cast<const __m128i*>(w.multiplier + first));
    const __m128i result = avx2::requantize4(acc, multiplier, _mm_cvtepu8_epi32(_mm_cvtsi32_si128(shifts)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), result);
  }
  dense_i8_reference(w, x, first, count % 4, out);
}

}  // namespace linnet

#endif
