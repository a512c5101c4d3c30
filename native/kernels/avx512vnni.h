// Building blocks of the AVX-512-VNNI kernels: as avx2.h, with vpdpbusd for the pairwise products and a 64-bit
// arithmetic shift. 256-bit vectors: the work is bound by reading weights, and wider ones only lower the clock.
#pragma once

#if defined(__x86_64__)

#include <immintrin.h>

#include "linnet/kernels.h"

#define LINNET_AVX512VNNI __attribute__((target("avx2,avx512f,avx512bw,avx512vl,avx512vnni")))

namespace linnet {
namespace avx512vnni {

constexpr uint32_t kLeastColumns = 1;

// Σ row[k]·x[k] for four rows, any number of columns. |x| is the unsigned operand, its sign goes to the weight, so no
// correction by Σ row is needed and -128 … 127 is exact.
LINNET_AVX512VNNI static inline __m128i dot4(const int8_t* const rows[4], const int8_t* x, uint32_t columns) {
  __m256i acc[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
  uint32_t k = 0;
  for (; k + 32 <= columns; k += 32) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + k));
    const __m256i v_abs = _mm256_abs_epi8(v);
    for (int r = 0; r < 4; r++) {
      const __m256i w = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows[r] + k));
      acc[r] = _mm256_dpbusd_epi32(acc[r], v_abs, _mm256_sign_epi8(w, v));
    }
  }
  if (k < columns) {
    const auto mask = static_cast<__mmask32>((uint64_t{1} << (columns - k)) - 1);
    const __m256i v = _mm256_maskz_loadu_epi8(mask, x + k);
    const __m256i v_abs = _mm256_abs_epi8(v);
    for (int r = 0; r < 4; r++) {
      const __m256i w = _mm256_maskz_loadu_epi8(mask, rows[r] + k);
      acc[r] = _mm256_dpbusd_epi32(acc[r], v_abs, _mm256_sign_epi8(w, v));
    }
  }
  const __m256i all = _mm256_hadd_epi32(_mm256_hadd_epi32(acc[0], acc[1]), _mm256_hadd_epi32(acc[2], acc[3]));
  return _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
}

// requantize() of four lanes.
LINNET_AVX512VNNI static inline __m128i requantize4(__m128i acc, __m128i multiplier, __m128i shift) {
  const __m256i s = _mm256_cvtepu32_epi64(shift);
  const __m256i half = _mm256_sllv_epi64(_mm256_set1_epi64x(1), _mm256_sub_epi64(s, _mm256_set1_epi64x(1)));
  const __m256i product = _mm256_mul_epi32(_mm256_cvtepi32_epi64(acc), _mm256_cvtepi32_epi64(multiplier));
  return _mm256_maskz_cvtsepi64_epi32(0xf, _mm256_srav_epi64(_mm256_add_epi64(product, half), s));
}

}  // namespace avx512vnni
}  // namespace linnet

#endif  // __x86_64__
