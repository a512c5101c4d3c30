// Building blocks of the AVX2 kernels: four exact int8 dot products at once, and their requantization.
// Functions carry the target attribute instead of the file a compiler flag, so that nothing from a shared header
// is ever compiled for a CPU the host may lack.
#pragma once

#if defined(__x86_64__)

#include <immintrin.h>

#include "linnet/kernels.h"

#define LINNET_AVX2 __attribute__((target("avx2")))

namespace linnet {
namespace avx2 {

constexpr uint32_t kWidth = 32;  // bytes of one vector
// Shorter rows go to the reference kernel.
constexpr uint32_t kLeastColumns = kWidth;

// acc += Σ row · x over 32 columns, pairwise in int32. vpmaddubsw needs one unsigned operand: |x| takes it, and the
// sign of x goes to the weight. |x| <= 128 and |w| <= 127, so a pair is at most 32,512 and never saturates.
LINNET_AVX2 static inline __m256i multiply_add(__m256i acc, const int8_t* row, __m256i x, __m256i x_abs) {
  const __m256i w = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row));
  const __m256i pairs = _mm256_maddubs_epi16(x_abs, _mm256_sign_epi8(w, x));
  return _mm256_add_epi32(acc, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

// The four sums of four accumulators' lanes.
LINNET_AVX2 static inline __m128i sum_lanes(__m256i a, __m256i b, __m256i c, __m256i d) {
  const __m256i all = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
  return _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
}

// Σ row[k]·x[k] for four rows; columns >= 32. The last vector overlaps the one before and takes zeros for the
// columns already counted.
LINNET_AVX2 static inline __m128i dot4(const int8_t* const rows[4], const int8_t* x, uint32_t columns) {
  __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
  uint32_t k = 0;
  for (; k + kWidth <= columns; k += kWidth) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + k));
    const __m256i v_abs = _mm256_abs_epi8(v);
    a = multiply_add(a, rows[0] + k, v, v_abs);
    b = multiply_add(b, rows[1] + k, v, v_abs);
    c = multiply_add(c, rows[2] + k, v, v_abs);
    d = multiply_add(d, rows[3] + k, v, v_abs);
  }
  if (k < columns) {
    alignas(32) static const int8_t kMask[64] = {0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
                                                 0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
                                                 -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                                 -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    const uint32_t left = columns - k, last = columns - kWidth;
    const __m256i mask = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kMask + left));
    const __m256i v = _mm256_and_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + last)), mask);
    const __m256i v_abs = _mm256_abs_epi8(v);
    a = multiply_add(a, rows[0] + last, v, v_abs);
    b = multiply_add(b, rows[1] + last, v, v_abs);
    c = multiply_add(c, rows[2] + last, v, v_abs);
    d = multiply_add(d, rows[3] + last, v, v_abs);
  }
  return sum_lanes(a, b, c, d);
}

// requantize() of four lanes. AVX2 has no arithmetic 64-bit shift: 2^62 is added before a logical one and
// 2^62 >> s taken off after it, which is exact as s <= 62.
LINNET_AVX2 static inline __m128i requantize4(__m128i acc, __m128i multiplier, __m128i shift) {
  const __m256i s = _mm256_cvtepu32_epi64(shift);
  const __m256i big = _mm256_set1_epi64x(int64_t{1} << 62);
  const __m256i half = _mm256_srli_epi64(_mm256_sllv_epi64(_mm256_set1_epi64x(1), s), 1);
  __m256i v = _mm256_mul_epi32(_mm256_cvtepi32_epi64(acc), _mm256_cvtepi32_epi64(multiplier));
  v = _mm256_srlv_epi64(_mm256_add_epi64(_mm256_add_epi64(v, half), big), s);
  v = _mm256_sub_epi64(v, _mm256_srlv_epi64(big, s));
  const __m256i high = _mm256_set1_epi64x(INT32_MAX), low = _mm256_set1_epi64x(INT32_MIN);
  v = _mm256_blendv_epi8(v, high, _mm256_cmpgt_epi64(v, high));
  v = _mm256_blendv_epi8(v, low, _mm256_cmpgt_epi64(low, v));
  const __m256i packed = _mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
  return _mm256_castsi256_si128(packed);
}

}  // namespace avx2
}  // namespace linnet

#endif  // __x86_64__
