// CRC-32 by folding (Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel,
// 2009): 64 bytes are multiplied past the next 64 at a time. What is left in the end, 16 bytes that have the same CRC
// as all before, goes through the reference.
#if defined(__x86_64__)

#include <immintrin.h>

#include "linnet/digest.h"
#include "native/kernels/variants.h"

#define LINNET_PCLMUL __attribute__((target("pclmul,sse4.1")))

namespace linnet {
namespace {

// x^n modulo the CRC's polynomial, coefficients in reflected order (bit 31 is x^0), one place up: what a reflected
// carry-less product wants.
constexpr uint64_t power(unsigned n) {
  uint32_t v = 0x80000000u;
  for (unsigned i = 0; i < n; i++) v = (v & 1) ? (v >> 1) ^ 0xedb88320u : v >> 1;
  return uint64_t{v} << 1;
}
static_assert(power(4 * 128 + 32) == 0x154442bd4 && power(4 * 128 - 32) == 0x1c6e41596, "as in the paper");

LINNET_PCLMUL inline __m128i load(const uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }

// v moved past as many bits as `powers` says, and `next` added.
LINNET_PCLMUL inline __m128i fold(__m128i v, __m128i powers, __m128i next) {
  const __m128i low = _mm_clmulepi64_si128(v, powers, 0x00), high = _mm_clmulepi64_si128(v, powers, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

}  // namespace

LINNET_PCLMUL uint32_t crc32_pclmul(const void* data, uint32_t size, uint32_t crc) {
  if (size < 64) return crc32(data, size, crc);
  const auto* p = static_cast<const uint8_t*>(data);
  constexpr uint64_t k512 = power(4 * 128 + 32), k448 = power(4 * 128 - 32), k128 = power(128 + 32),
                     k64 = power(128 - 32);
  const __m128i by_four = _mm_set_epi64x(static_cast<int64_t>(k448), static_cast<int64_t>(k512));
  const __m128i by_one = _mm_set_epi64x(static_cast<int64_t>(k64), static_cast<int64_t>(k128));
  __m128i v[4];
  for (int i = 0; i < 4; i++) v[i] = load(p + 16 * i);
  v[0] = _mm_xor_si128(v[0], _mm_cvtsi32_si128(static_cast<int>(~crc)));
  p += 64;
  size -= 64;
  for (; size >= 64; p += 64, size -= 64)
    for (int i = 0; i < 4; i++) v[i] = fold(v[i], by_four, load(p + 16 * i));
  __m128i all = v[0];
  for (int i = 1; i < 4; i++) all = fold(all, by_one, v[i]);
  for (; size >= 16; p += 16, size -= 16) all = fold(all, by_one, load(p));
  uint8_t rest[16];
  _mm_storeu_si128(reinterpret_cast<__m128i*>(rest), all);
  // crc32() turns its start round and its result; here neither: the start is in `all`.
  return crc32(p, size, crc32(rest, sizeof rest, ~0u));
}

}  // namespace linnet

#endif
