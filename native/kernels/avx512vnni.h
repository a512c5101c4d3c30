// Building blocks of the AVX-512-VNNI kernels: 16 rows at a time in one vector (packed.h).
#pragma once

#if defined(__x86_64__)

#include "native/kernels/avx2.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // gcc bug 105593, in its own headers
#endif

#define LINNET_AVX512VNNI __attribute__((target("avx2,avx512f,avx512bw,avx512vl,avx512vnni"))) static inline

namespace linnet {
namespace avx512vnni {

using Rows = __m512i;  // int32 of 16 rows

constexpr uint32_t kTile = 8;

LINNET_AVX512VNNI Rows zero() { return _mm512_setzero_si512(); }
LINNET_AVX512VNNI Rows add(Rows a, Rows b) { return _mm512_add_epi32(a, b); }
LINNET_AVX512VNNI void store(int32_t* p, Rows v) { _mm512_storeu_si512(p, v); }

// 128·Σ x.
LINNET_AVX512VNNI int32_t total(const int8_t* x, uint32_t columns) {
  const __m512i ones = _mm512_set1_epi8(1);
  __m512i sum = _mm512_setzero_si512();
  for (uint32_t k = 0; k < columns; k += 64) {
    const __mmask64 mask = columns - k >= 64 ? ~__mmask64{0} : (__mmask64{1} << (columns - k)) - 1;
    sum = _mm512_dpbusd_epi32(sum, ones, _mm512_maskz_loadu_epi8(mask, x + k));
  }
  return 128 * _mm512_reduce_add_epi32(sum);
}

// What the sums of a group start from at x, of which total() was taken.
LINNET_AVX512VNNI Rows start(const Group& group, int32_t total) {
  return _mm512_sub_epi32(_mm512_load_si512(group.bias), _mm512_set1_epi32(total));
}

LINNET_AVX512VNNI __m512i load_weights(const uint8_t* p) { return _mm512_load_si512(p); }

// Four columns of x for all rows.
LINNET_AVX512VNNI Rows multiply_add(Rows sum, __m512i weights, int32_t columns) {
  return _mm512_dpbusd_epi32(sum, weights, _mm512_set1_epi32(columns));
}

// v >> s with rounding, saturated to int32, of eight int64, in low halves.
LINNET_AVX512VNNI __m512i round_shift8(__m512i v, __m512i s) {
  const __m512i one = _mm512_set1_epi64(1);
  v = _mm512_srav_epi64(_mm512_add_epi64(v, _mm512_sllv_epi64(one, _mm512_sub_epi64(s, one))), s);
  return _mm512_max_epi64(_mm512_min_epi64(v, _mm512_set1_epi64(INT32_MAX)), _mm512_set1_epi64(INT32_MIN));
}

// requantize() of 16 lanes.
LINNET_AVX512VNNI Rows requantize(Rows acc, const Group& g) {
  const __m512i multiplier = _mm512_load_si512(g.multiplier), shift = _mm512_load_si512(g.shift);
  const __m512i even =
      round_shift8(_mm512_mul_epi32(acc, multiplier), _mm512_and_si512(shift, _mm512_set1_epi64(0xff)));
  const __m512i odd = round_shift8(_mm512_mul_epi32(_mm512_srli_epi64(acc, 32), _mm512_srli_epi64(multiplier, 32)),
                                   _mm512_srli_epi64(shift, 32));
  return _mm512_mask_blend_epi32(0xaaaa, even, _mm512_slli_epi64(odd, 32));
}

LINNET_AVX512VNNI __m256i half(Rows v, int which) {
  return which == 0 ? _mm512_castsi512_si256(v) : _mm512_extracti64x4_epi64(v, 1);
}

// table[i & 31] of eight lanes: a table of 32 fits two registers.
LINNET_AVX512VNNI __m256i look_up8(const uint32_t* table, __m256i i) {
  const __m512i low = _mm512_loadu_si512(table), high = _mm512_loadu_si512(table + 16);
  return _mm512_castsi512_si256(_mm512_permutex2var_epi32(low, _mm512_castsi256_si512(i), high));
}
// exp_neg(d) of eight lanes, added in pairs to int64.
LINNET_AVX512VNNI __m256i exp_neg8(__m256i d) {
  const __mmask8 fits = _mm256_cmplt_epu32_mask(d, _mm256_set1_epi32(32 * 1024));
  const __m256i integer = _mm256_maskz_mov_epi32(fits, look_up8(kExpInteger, _mm256_srli_epi32(d, 10)));
  return avx2::product_of_factors8(integer, look_up8(kExpCoarse, _mm256_srli_epi32(d, 5)), look_up8(kExpFine, d));
}

}  // namespace avx512vnni
}  // namespace linnet

#endif  // __x86_64__
