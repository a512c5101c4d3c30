// Building blocks of the AVX-512-VNNI kernels: 16 rows at a time in one vector (row_groups.h).
#pragma once

#if defined(__x86_64__)

#include "native/kernels/avx2.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // gcc bug 105593, in its own headers
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

#define LINNET_AVX512VNNI __attribute__((target("avx2,avx512f,avx512bw,avx512vl,avx512vnni"))) static inline

namespace linnet {
namespace avx512vnni {

using Rows = __m512i;  // int32 of 16 rows

using Weights = __m512i;

constexpr uint32_t kTile = 8, kTileGroups = 2;

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

// Four columns of x for all rows. Not _mm512_dpbusd_epi32, around which gcc copies and spills every sum of a tile.
LINNET_AVX512VNNI Rows multiply_add(Rows sum, __m512i weights, int32_t columns) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(weights), "v"(_mm512_set1_epi32(columns)));
  return sum;
}

// requantize() of 16 lanes, even and odd ones apart, for their products have 64 bits.
struct Requantizer {
  __m512i even_multiplier, odd_multiplier, even_shift, odd_shift, even_half, odd_half;
  // Whether a result may leave int32. |acc · m| < 2^62, so shifts of 31 and more, all there are in practice, cannot.
  bool saturates;
};
LINNET_AVX512VNNI Requantizer requantizer(const Group& g) {
  const __m512i multiplier = _mm512_load_si512(g.multiplier), shift = _mm512_load_si512(g.shift);
  const __m512i even = _mm512_and_si512(shift, _mm512_set1_epi64(0xff)), odd = _mm512_srli_epi64(shift, 32);
  const __m512i one = _mm512_set1_epi64(1);
  return {multiplier,
          _mm512_srli_epi64(multiplier, 32),
          even,
          odd,
          _mm512_srli_epi64(_mm512_sllv_epi64(one, even), 1),
          _mm512_srli_epi64(_mm512_sllv_epi64(one, odd), 1),
          _mm512_cmplt_epi32_mask(shift, _mm512_set1_epi32(31)) != 0};
}
LINNET_AVX512VNNI __m512i saturate8(__m512i v) {
  return _mm512_max_epi64(_mm512_min_epi64(v, _mm512_set1_epi64(INT32_MAX)), _mm512_set1_epi64(INT32_MIN));
}
LINNET_AVX512VNNI Rows requantize(Rows acc, const Requantizer& r) {
  __m512i even = _mm512_mul_epi32(acc, r.even_multiplier);
  __m512i odd = _mm512_mul_epi32(_mm512_srli_epi64(acc, 32), r.odd_multiplier);
  even = _mm512_srav_epi64(_mm512_add_epi64(even, r.even_half), r.even_shift);
  odd = _mm512_srav_epi64(_mm512_add_epi64(odd, r.odd_half), r.odd_shift);
  if (__builtin_expect(r.saturates, 0)) {
    even = saturate8(even);
    odd = saturate8(odd);
  }
  return _mm512_mask_shuffle_epi32(even, 0xaaaa, odd, _MM_PERM_CCAA);
}

// 16 lanes clamped to [low, high].
LINNET_AVX512VNNI __m512i clamp16(__m512i v, int32_t low, int32_t high) {
  return _mm512_max_epi32(_mm512_min_epi32(v, _mm512_set1_epi32(high)), _mm512_set1_epi32(low));
}
LINNET_AVX512VNNI void narrow16(const int32_t* v, int32_t low, int32_t high, int16_t* out) {
  const __m512i clamped = clamp16(_mm512_loadu_si512(v), low, high);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm512_cvtepi32_epi16(clamped));
}
LINNET_AVX512VNNI void narrow16(const int32_t* v, int32_t low, int32_t high, int8_t* out) {
  const __m512i clamped = clamp16(_mm512_loadu_si512(v), low, high);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm512_cvtepi32_epi8(clamped));
}
// Which of 32 are above `limit`, a bit each.
LINNET_AVX512VNNI uint32_t above32(const int16_t* v, int16_t limit) {
  return _mm512_cmpgt_epi16_mask(_mm512_loadu_si512(v), _mm512_set1_epi16(limit));
}
LINNET_AVX512VNNI Rows load16(const int32_t* p) { return _mm512_loadu_si512(p); }

// table[i & 31] of 16 lanes: a table of 32 fits two registers.
LINNET_AVX512VNNI __m512i look_up16(const uint32_t* table, __m512i i) {
  return _mm512_permutex2var_epi32(_mm512_loadu_si512(table), i, _mm512_loadu_si512(table + 16));
}
// mul31() of eight lanes, in low halves.
LINNET_AVX512VNNI __m512i mul31_8(__m512i a, __m512i b) {
  return _mm512_srli_epi64(_mm512_add_epi64(_mm512_mul_epu32(a, b), _mm512_set1_epi64(int64_t{1} << 30)), 31);
}
// exp_neg(largest - logit, up bits to the left) of 16 logits, added to eight int64.
constexpr uint32_t kExpLanes = 16;
using ExpSums = __m512i;
LINNET_AVX512VNNI ExpSums no_exp() { return _mm512_setzero_si512(); }
LINNET_AVX512VNNI ExpSums add_exp(ExpSums sums, const int16_t* logits, int32_t largest, __m128i up) {
  const __m512i v = _mm512_cvtepi16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(logits)));
  const __m512i d = _mm512_sll_epi32(_mm512_sub_epi32(_mm512_set1_epi32(largest), v), up);
  const __mmask16 fits = _mm512_cmplt_epu32_mask(d, _mm512_set1_epi32(32 * 1024));
  const __m512i integer = _mm512_maskz_mov_epi32(fits, look_up16(kExpInteger, _mm512_srli_epi32(d, 10)));
  const __m512i coarse = look_up16(kExpCoarse, _mm512_srli_epi32(d, 5)), fine = look_up16(kExpFine, d);
  const __m512i even = mul31_8(mul31_8(integer, coarse), fine);
  const __m512i odd =
      mul31_8(mul31_8(_mm512_srli_epi64(integer, 32), _mm512_srli_epi64(coarse, 32)), _mm512_srli_epi64(fine, 32));
  return _mm512_add_epi64(sums, _mm512_add_epi64(even, odd));
}
LINNET_AVX512VNNI uint64_t total_exp(ExpSums sums) { return static_cast<uint64_t>(_mm512_reduce_add_epi64(sums)); }

}  // namespace avx512vnni
}  // namespace linnet

#endif  // __x86_64__
