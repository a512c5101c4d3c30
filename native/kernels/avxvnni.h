// Building blocks of the AVX-VNNI kernels, for CPUs with vpdpbusd but without AVX-512: what multiplies; the rest is
// AVX2's. Its includer says which encoding: LINNET_AVXVNNI_TARGET, the features it needs, and LINNET_DPBUSD, the
// intrinsic. kernels_avxvnni.cc takes the VEX one; native/test/avxvnni_evex.cc the one of AVX-512, so that CPUs
// which have only that one run this code too.
#pragma once

#if defined(__x86_64__)

#include "native/kernels/avx2.h"

#define LINNET_AVXVNNI __attribute__((target(LINNET_AVXVNNI_TARGET))) static inline

namespace linnet {
namespace avxvnni {

using avx2::add;
using avx2::half;
using avx2::load16;
using avx2::requantize;
using avx2::requantizer;
using avx2::Requantizer;
using avx2::Rows;
using avx2::store;
using avx2::zero;

// Four columns of 16 rows, uint8. A type of its own, for multiply_add() of avx2's would multiply them as int8.
struct Weights {
  __m256i low, high;
};

// 12 sums, two of weights and one of x fill the registers.
constexpr uint32_t kTile = 6, kTileGroups = 1;

// 128·Σ x.
LINNET_AVXVNNI int32_t total(const int8_t* x, uint32_t columns) {
  const __m256i ones = _mm256_set1_epi8(1);
  __m256i sum = _mm256_setzero_si256();
  uint32_t k = 0;
  for (; k + 32 <= columns; k += 32)
    sum = LINNET_DPBUSD(sum, ones, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + k)));
  alignas(32) int8_t last[32] = {};
  std::memcpy(last, x + k, columns - k);
  sum = LINNET_DPBUSD(sum, ones, _mm256_load_si256(reinterpret_cast<const __m256i*>(last)));
  __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1));
  return 128 * _mm_cvtsi128_si32(four);
}

// What the sums of a group start from at x, of which total() was taken.
LINNET_AVXVNNI Rows start(const Group& group, int32_t total) {
  const __m256i off = _mm256_set1_epi32(total);
  return {_mm256_sub_epi32(avx2::load8(group.bias), off), _mm256_sub_epi32(avx2::load8(group.bias + 8), off)};
}

LINNET_AVXVNNI Weights load_weights(const uint8_t* p) {
  return {_mm256_load_si256(reinterpret_cast<const __m256i*>(p)),
          _mm256_load_si256(reinterpret_cast<const __m256i*>(p + 32))};
}

// Four columns of x for all rows.
LINNET_AVXVNNI Rows multiply_add(Rows sum, Weights w, int32_t columns) {
  const __m256i x = _mm256_set1_epi32(columns);
  return {LINNET_DPBUSD(sum.low, w.low, x), LINNET_DPBUSD(sum.high, w.high, x)};
}

}  // namespace avxvnni
}  // namespace linnet

#endif  // __x86_64__
