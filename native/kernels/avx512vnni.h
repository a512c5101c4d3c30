// Building blocks of the AVX-512-VNNI kernels: 16 rows at a time in one vector (packed.h).
#pragma once

#if defined(__x86_64__)

#include "native/kernels/avx2.h"

#define LINNET_AVX512VNNI __attribute__((target("avx2,avx512f,avx512bw,avx512vl,avx512vnni"))) static inline

namespace linnet {
namespace avx512vnni {

using Rows = __m512i;  // int32 of 16 rows

constexpr uint32_t kTile = 8;

LINNET_AVX512VNNI Rows zero() { return _mm512_setzero_si512(); }
LINNET_AVX512VNNI Rows add(Rows a, Rows b) { return _mm512_add_epi32(a, b); }
LINNET_AVX512VNNI void store(int32_t* p, Rows v) { _mm512_storeu_si512(p, v); }

// x is the unsigned operand of vpdpbusd, as x + 128, so 128·Σ weight is taken off.
LINNET_AVX512VNNI Rows start(const Group& group) {
  return _mm512_sub_epi32(_mm512_load_si512(group.bias), _mm512_load_si512(group.offset));
}

using Quad = __m512i;
LINNET_AVX512VNNI Quad quad(int32_t columns) {
  return _mm512_set1_epi32(static_cast<int32_t>(static_cast<uint32_t>(columns) ^ 0x80808080u));
}

LINNET_AVX512VNNI Rows multiply_add(Rows sum, const int8_t* weights, Quad x) {
  return _mm512_dpbusd_epi32(sum, x, _mm512_load_si512(weights));
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

}  // namespace avx512vnni
}  // namespace linnet

#endif  // __x86_64__
