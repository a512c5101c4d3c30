// Building blocks of the AVX2 kernels: 16 rows at a time in two vectors of eight (row_groups.h).
// Functions carry the target attribute instead of the file a compiler flag, so that nothing from a shared header
// is ever compiled for a CPU the host may lack.
#pragma once

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

#include "native/engine/fixed_point.h"
#include "native/kernels/row_groups.h"

#define LINNET_AVX2 __attribute__((target("avx2"))) static inline

namespace linnet {
namespace avx2 {

// int32 of 16 rows.
struct Rows {
  __m256i low, high;
};

using Weights = Rows;  // four columns of 16 rows, int8

// Positions of a sequence that share one read of the weights, and groups that share one of x: as many as the registers
// hold sums of.
constexpr uint32_t kTile = 4, kTileGroups = 1;

LINNET_AVX2 __m256i load8(const int32_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
LINNET_AVX2 Rows zero() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }
LINNET_AVX2 Rows add(Rows a, Rows b) { return {_mm256_add_epi32(a.low, b.low), _mm256_add_epi32(a.high, b.high)}; }
LINNET_AVX2 void store(int32_t* p, Rows v) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v.low);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p + 8), v.high);
}

// What the sums of a group start from at x, of which total() was taken.
LINNET_AVX2 Rows start(const Group& group, int32_t) { return {load8(group.bias), load8(group.bias + 8)}; }
LINNET_AVX2 int32_t total(const int8_t*, uint32_t) { return 0; }

// Four columns of 16 rows, as they are multiplied.
LINNET_AVX2 Rows load_weights(const uint8_t* p) {
  const __m256i bias = _mm256_set1_epi8(-128);
  return {_mm256_xor_si256(_mm256_load_si256(reinterpret_cast<const __m256i*>(p)), bias),
          _mm256_xor_si256(_mm256_load_si256(reinterpret_cast<const __m256i*>(p + 32)), bias)};
}

// Four columns of x for all rows. vpmaddubsw needs one unsigned operand: |x| takes it, and the sign of x goes to the
// weight. |x| <= 128 and |w| <= 127, so a pair is at most 32,512 and never saturates.
LINNET_AVX2 __m256i multiply_add8(__m256i sum, __m256i w, __m256i x) {
  const __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(x), _mm256_sign_epi8(w, x));
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}
LINNET_AVX2 Rows multiply_add(Rows sum, Rows w, int32_t columns) {
  const __m256i x = _mm256_set1_epi32(columns);
  return {multiply_add8(sum.low, w.low, x), multiply_add8(sum.high, w.high, x)};
}

// v >> s with rounding, saturated to int32, of four int64. AVX2 has no arithmetic 64-bit shift: 2^62 is added before a
// logical one and 2^62 >> s taken off after it, which is exact as s <= 62. The low halves count.
LINNET_AVX2 __m256i round_shift4(__m256i v, __m256i s) {
  const __m256i big = _mm256_set1_epi64x(int64_t{1} << 62);
  const __m256i half = _mm256_srli_epi64(_mm256_sllv_epi64(_mm256_set1_epi64x(1), s), 1);
  v = _mm256_srlv_epi64(_mm256_add_epi64(_mm256_add_epi64(v, half), big), s);
  v = _mm256_sub_epi64(v, _mm256_srlv_epi64(big, s));
  const __m256i high = _mm256_set1_epi64x(INT32_MAX), low = _mm256_set1_epi64x(INT32_MIN);
  v = _mm256_blendv_epi8(v, high, _mm256_cmpgt_epi64(v, high));
  return _mm256_blendv_epi8(v, low, _mm256_cmpgt_epi64(low, v));
}

// Even lanes from one, odd ones from the other; both in low halves.
LINNET_AVX2 __m256i interleave(__m256i even, __m256i odd) {
  return _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
}
LINNET_AVX2 __m256i odd_lanes(__m256i v) { return _mm256_srli_epi64(v, 32); }

// requantize() of eight lanes.
LINNET_AVX2 __m256i requantize8(__m256i acc, __m256i multiplier, __m256i shift) {
  const __m256i even_shift = _mm256_and_si256(shift, _mm256_set1_epi64x(0xff));
  const __m256i even = round_shift4(_mm256_mul_epi32(acc, multiplier), even_shift);
  const __m256i odd = round_shift4(_mm256_mul_epi32(odd_lanes(acc), odd_lanes(multiplier)), odd_lanes(shift));
  return interleave(even, odd);
}
struct Requantizer {
  Rows multiplier, shift;
};
LINNET_AVX2 Rows load16(const int32_t* p) { return {load8(p), load8(p + 8)}; }
LINNET_AVX2 Requantizer requantizer(const Group& g) { return {load16(g.multiplier), load16(g.shift)}; }
LINNET_AVX2 Rows requantize(Rows acc, const Requantizer& r) {
  return {requantize8(acc.low, r.multiplier.low, r.shift.low), requantize8(acc.high, r.multiplier.high, r.shift.high)};
}

// Tables of fixed_point.h with one entry more, for a gather reads two at once.
struct GatherTable {
  uint16_t entry[258];
};
constexpr GatherTable gather_table(const uint16_t* from) {
  GatherTable table = {};
  for (int i = 0; i < 258; i++) table.entry[i] = from[i < 257 ? i : 256];
  return table;
}
alignas(64) inline constexpr GatherTable kGatherSigmoid = gather_table(kSigmoid), kGatherTanh = gather_table(kTanh);

// interpolate() of eight lanes in [0, 32768].
LINNET_AVX2 __m256i interpolate8(const GatherTable& table, __m256i a) {
  const __m256i two = _mm256_i32gather_epi32(reinterpret_cast<const int*>(table.entry), _mm256_srli_epi32(a, 7), 2);
  const __m256i low = _mm256_and_si256(two, _mm256_set1_epi32(0xffff));
  const __m256i rise = _mm256_sub_epi32(_mm256_srli_epi32(two, 16), low);
  const __m256i part = _mm256_mullo_epi32(rise, _mm256_and_si256(a, _mm256_set1_epi32(127)));
  return _mm256_add_epi32(low, _mm256_srai_epi32(_mm256_add_epi32(part, _mm256_set1_epi32(64)), 7));
}
LINNET_AVX2 __m256i sigmoid8(__m256i x) {
  const __m256i v = interpolate8(kGatherSigmoid, _mm256_abs_epi32(x));
  return _mm256_blendv_epi8(v, _mm256_sub_epi32(_mm256_set1_epi32(32768), v), _mm256_srai_epi32(x, 31));
}
LINNET_AVX2 __m256i tanh8(__m256i x) {
  const __m256i v = interpolate8(kGatherTanh, _mm256_abs_epi32(x)), negative = _mm256_srai_epi32(x, 31);
  return _mm256_sub_epi32(_mm256_xor_si256(v, negative), negative);
}

LINNET_AVX2 __m256i clamp8(__m256i v, int32_t low, int32_t high) {
  return _mm256_max_epi32(_mm256_min_epi32(v, _mm256_set1_epi32(high)), _mm256_set1_epi32(low));
}
// 16 lanes clamped to [low, high]; the packing instructions keep to halves of a vector.
LINNET_AVX2 __m256i narrow_words(const int32_t* v, int32_t low, int32_t high) {
  const Rows rows = load16(v);
  const __m256i words = _mm256_packs_epi32(clamp8(rows.low, low, high), clamp8(rows.high, low, high));
  return _mm256_permute4x64_epi64(words, 0xd8);
}
LINNET_AVX2 void narrow16(const int32_t* v, int32_t low, int32_t high, int16_t* out) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), narrow_words(v, low, high));
}
LINNET_AVX2 void narrow16(const int32_t* v, int32_t low, int32_t high, int8_t* out) {
  const __m256i words = narrow_words(v, low, high);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out),
                   _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
}
// Which of 32 are above `limit`, a bit each.
LINNET_AVX2 uint32_t above32(const int16_t* v, int16_t limit) {
  const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(v));
  const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(v + 16));
  const __m256i most = _mm256_set1_epi16(limit);
  const __m256i bytes = _mm256_packs_epi16(_mm256_cmpgt_epi16(low, most), _mm256_cmpgt_epi16(high, most));
  return static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_permute4x64_epi64(bytes, 0xd8)));
}
// gate_sum() of eight lanes.
LINNET_AVX2 __m256i gate_sum8(__m256i from_input, __m256i from_hidden) {
  return clamp8(
      _mm256_add_epi32(clamp8(from_input, -kGateLimit, kGateLimit), clamp8(from_hidden, -kGateLimit, kGateLimit)),
      -32768, 32767);
}

// lstm_cell() of eight units: updates `cell`, returns h.
LINNET_AVX2 __m256i lstm_cells8(__m256i pre_i, __m256i pre_f, __m256i pre_g, __m256i pre_o, __m256i* cell) {
  const __m256i i = sigmoid8(pre_i), f = sigmoid8(pre_f), g = tanh8(pre_g), o = sigmoid8(pre_o);
  const __m256i fifteen = _mm256_set1_epi64x(15);
  const __m256i ig = _mm256_mullo_epi32(i, g);  // |i·g| <= 2^30
  const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(f, *cell), _mm256_mul_epi32(ig, _mm256_set1_epi64x(2)));
  const __m256i odd = _mm256_add_epi64(_mm256_mul_epi32(odd_lanes(f), odd_lanes(*cell)),
                                       _mm256_mul_epi32(odd_lanes(ig), _mm256_set1_epi64x(2)));
  const __m256i c = interleave(round_shift4(even, fifteen), round_shift4(odd, fifteen));
  *cell = c;
  // round_shift(c, 4) without the carry that would not fit.
  const __m256i quarter =
      _mm256_add_epi32(_mm256_srai_epi32(c, 4), _mm256_and_si256(_mm256_srli_epi32(c, 3), _mm256_set1_epi32(1)));
  const __m256i t = tanh8(clamp8(quarter, -32768, 32767));
  const __m256i h = _mm256_add_epi32(_mm256_mullo_epi32(o, t), _mm256_set1_epi32(1 << 22));
  return _mm256_min_epi32(_mm256_srai_epi32(h, 23), _mm256_set1_epi32(127));
}

// h of eight units as int8.
LINNET_AVX2 void store_hidden8(int8_t* out, __m256i h) {
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(h), _mm256_extracti128_si256(h, 1));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(out), _mm_packs_epi16(words, words));
}

LINNET_AVX2 __m256i half(Rows v, int which) { return which == 0 ? v.low : v.high; }

// mul31() of four lanes, in low halves.
LINNET_AVX2 __m256i mul31_4(__m256i a, __m256i b) {
  return _mm256_srli_epi64(_mm256_add_epi64(_mm256_mul_epu32(a, b), _mm256_set1_epi64x(int64_t{1} << 30)), 31);
}
// exp_neg() of eight lanes from its three factors, added in pairs to int64.
LINNET_AVX2 __m256i product_of_factors8(__m256i integer, __m256i coarse, __m256i fine) {
  const __m256i even = mul31_4(mul31_4(integer, coarse), fine);
  const __m256i odd = mul31_4(mul31_4(odd_lanes(integer), odd_lanes(coarse)), odd_lanes(fine));
  return _mm256_add_epi64(even, odd);
}
LINNET_AVX2 __m256i look_up8(const uint32_t* table, __m256i i) {
  return _mm256_i32gather_epi32(reinterpret_cast<const int*>(table), i, 4);
}
// exp_neg(largest - logit, up bits to the left) of eight logits, added to four int64.
constexpr uint32_t kExpLanes = 8;
using ExpSums = __m256i;
LINNET_AVX2 ExpSums no_exp() { return _mm256_setzero_si256(); }
LINNET_AVX2 ExpSums add_exp(ExpSums sums, const int16_t* logits, int32_t largest, __m128i up) {
  const __m256i v = _mm256_cvtepi16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(logits)));
  __m256i d = _mm256_sll_epi32(_mm256_sub_epi32(_mm256_set1_epi32(largest), v), up);  // below 2^27
  const __m256i fits = _mm256_cmpgt_epi32(_mm256_set1_epi32(32 * 1024), d), five = _mm256_set1_epi32(31);
  d = _mm256_and_si256(d, fits);
  const __m256i integer = _mm256_and_si256(look_up8(kExpInteger, _mm256_srli_epi32(d, 10)), fits);
  return _mm256_add_epi64(
      sums, product_of_factors8(integer, look_up8(kExpCoarse, _mm256_and_si256(_mm256_srli_epi32(d, 5), five)),
                                look_up8(kExpFine, _mm256_and_si256(d, five))));
}
LINNET_AVX2 uint64_t total_exp(ExpSums sums) {
  uint64_t lanes[4];
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(lanes), sums);
  return lanes[0] + lanes[1] + lanes[2] + lanes[3];
}

}  // namespace avx2
}  // namespace linnet

#endif  // __x86_64__
