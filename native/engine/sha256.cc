// SHA-256, FIPS 180-4.
#include "linnet/digest.h"

namespace linnet {
namespace {

constexpr uint32_t kRound[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

constexpr uint32_t rotate(uint32_t v, int n) { return (v >> n) | (v << (32 - n)); }

void compress(uint32_t h[8], const uint8_t block[64]) {
  uint32_t w[16];
  for (int i = 0; i < 16; i++)
    w[i] = uint32_t{block[4 * i]} << 24 | uint32_t{block[4 * i + 1]} << 16 | uint32_t{block[4 * i + 2]} << 8 |
           block[4 * i + 3];
  uint32_t s[8];
  for (int i = 0; i < 8; i++) s[i] = h[i];
  for (int i = 0; i < 64; i++) {
    if (i >= 16) {
      const uint32_t a = w[(i + 1) & 15], b = w[(i + 14) & 15];
      w[i & 15] +=
          (rotate(a, 7) ^ rotate(a, 18) ^ (a >> 3)) + w[(i + 9) & 15] + (rotate(b, 17) ^ rotate(b, 19) ^ (b >> 10));
    }
    const uint32_t t1 = s[7] + (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) +
                        ((s[4] & s[5]) ^ (~s[4] & s[6])) + kRound[i] + w[i & 15];
    const uint32_t t2 =
        (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
    for (int j = 7; j > 0; j--) s[j] = s[j - 1];
    s[4] += t1;
    s[0] = t1 + t2;
  }
  for (int i = 0; i < 8; i++) h[i] += s[i];
}

}  // namespace

void Sha256::start() {
  constexpr uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  for (int i = 0; i < 8; i++) h[i] = initial[i];
  bytes = 0;
}

void Sha256::update(const void* data, uint32_t size) {
  const auto* from = static_cast<const uint8_t*>(data);
  for (uint32_t i = 0; i < size; i++) {
    block[bytes++ & 63] = from[i];
    if ((bytes & 63) == 0) compress(h, block);
  }
}

void Sha256::finish(uint8_t digest[32]) {
  const uint64_t bits = bytes * 8;
  const uint8_t one = 0x80, zero = 0;
  update(&one, 1);
  while ((bytes & 63) != 56) update(&zero, 1);
  for (int i = 7; i >= 0; i--) {
    const auto b = static_cast<uint8_t>(bits >> (8 * i));
    update(&b, 1);
  }
  for (int i = 0; i < 32; i++) digest[i] = static_cast<uint8_t>(h[i >> 2] >> (24 - 8 * (i & 3)));
}

}  // namespace linnet
