// The integer arithmetic of docs/numerics.md: rounding, nonlinearities, exp and log. No state, no libm.
#pragma once

#include <cstdint>

#include "linnet/schema/tables.h"

namespace linnet {

static_assert((int64_t{-1} >> 1) == -1, "right shifts of negative numbers must be arithmetic");

// v / 2^s to nearest, ties up. 1 <= s <= 62, |v| < 2^62.
constexpr int64_t round_shift(int64_t v, unsigned s) { return (v + (int64_t{1} << (s - 1))) >> s; }

// v / n to nearest, ties up. n >= 1, |v| <= 2^29, n < 2^29.
constexpr int32_t divide_rounded(int32_t v, int32_t n) {
  const int32_t numerator = 2 * v + n;
  const int32_t quotient = numerator / (2 * n);
  return quotient * 2 * n > numerator ? quotient - 1 : quotient;
}

constexpr int32_t clamp(int32_t v, int32_t low, int32_t high) { return v < low ? low : v > high ? high : v; }
constexpr int32_t sat8(int32_t v) { return clamp(v, -127, 127); }
constexpr int32_t sat16(int32_t v) {
#if defined(__ARM_FEATURE_SAT)
  if (!__builtin_is_constant_evaluated()) return __builtin_arm_ssat(v, 16);
#endif
  const auto low = static_cast<int16_t>(v);
  return low == v ? low : v < 0 ? -32768 : 32767;
}
constexpr int32_t sat32(int64_t v) {
  const auto low = static_cast<int32_t>(v);
  return low == v ? low : v < 0 ? INT32_MIN : INT32_MAX;
}

// floor(acc · m / 2^32); m >= 0.
constexpr int32_t upper_product(int32_t acc, int32_t m) {
#if defined(__ARM_ARCH_6M__)
  // Of four products of 16 by 16 bits; none of the sums wraps.
  const int32_t acc_high = acc >> 16, acc_low = acc & 0xffff, m_high = m >> 16, m_low = m & 0xffff;
  const int32_t first = acc_high * m_low + static_cast<int32_t>((static_cast<uint32_t>(acc_low) * m_low) >> 16);
  const int32_t second = (first & 0xffff) + acc_low * m_high;
  return acc_high * m_high + (first >> 16) + (second >> 16);
#else
  return static_cast<int32_t>((static_cast<int64_t>(acc) * m) >> 32);
#endif
}

[[gnu::noinline]] constexpr int32_t requantize_any(int32_t acc, int32_t m, unsigned s) {
  return sat32(round_shift(static_cast<int64_t>(acc) * m, s));
}

// acc · m / 2^s, one rounding. m is 0 or in [2^30, 2^31), 17 <= s <= 62.
constexpr int32_t requantize(int32_t acc, int32_t m, unsigned s) {
  if (sizeof(void*) > 4) return sat32(round_shift(static_cast<int64_t>(acc) * m, s));
  // Where registers have 32 bits: floor((v + 2^(s-1)) / 2^s) = floor((floor(v / 2^(s-1)) + 1) / 2), and with s >= 33
  // only the upper word of v counts. |v| <= 2^62, so the result needs no clamp.
  const int32_t beyond = static_cast<int32_t>(s) - 33;
  if (beyond < 0) return requantize_any(acc, m, s);
  return ((upper_product(acc, m) >> beyond) + 1) >> 1;
}

// Tables of 257 entries, 1/32 apart; a is Q3.12 in [0, 32767].
constexpr int32_t interpolate(const uint16_t* table, int32_t a) {
  const uint16_t* const at = table + (a >> 7);
  const int32_t low = at[0];
  return low + (((at[1] - low) * (a & 127) + 64) >> 7);
}

// |x|, Q3.12, where the tables end: what they would give at 32768 they give at 32767 already.
constexpr int32_t magnitude(int32_t x) { return clamp(x < 0 ? -x : x, 0, 32767); }
static_assert(kSigmoid[256] - kSigmoid[255] <= 1 && kTanh[256] - kTanh[255] <= 1, "so that 1/128 before it rounds up");

// Q3.12 to Q0.15; what is outside int16 gives what the nearest int16 does.
constexpr int32_t sigmoid_q15(int32_t x, const uint16_t* table = kSigmoid) {
  const int32_t y = interpolate(table, magnitude(x));
  return x < 0 ? 32768 - y : y;
}
constexpr int32_t tanh_q15(int32_t x, const uint16_t* table = kTanh) {
  const int32_t y = interpolate(table, magnitude(x));
  return x < 0 ? -y : y;
}

// Limit of each requantized half of a gate pre-activation, so that their sum fits int32.
constexpr int32_t kGateLimit = 1 << 29;

// A gate's pre-activation from its two requantized terms.
constexpr int32_t clamp_gate_term(int32_t v) { return clamp(v, -kGateLimit, kGateLimit); }
constexpr int32_t gate_sum(int32_t from_input, int32_t from_hidden) {
  return sat16(clamp_gate_term(from_input) + clamp_gate_term(from_hidden));
}

// Rounds v, with `fraction` bits more than Q0.7 has, |v| <= 1.
constexpr int8_t to_hidden(int64_t v, unsigned fraction) {
  const auto h = static_cast<int32_t>(round_shift(v, fraction));
  return static_cast<int8_t>(h > 127 ? 127 : h);
}

// a + b, saturating.
constexpr int32_t add_sat32(int32_t a, int32_t b) {
  int32_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a < 0 ? INT32_MIN : INT32_MAX;
}

// sat32( round_shift( f·c + 2·i·g, 15 ) ) of gates in Q0.15, without a product of 64 bits. With c = 2^15·high + low:
// floor((f·c + 2·i·g + 2^14) / 2^15) = f·high + floor((floor((f·low + 2^14) / 2) + i·g) / 2^14).
static_assert(kSigmoid[256] <= 32767 && kTanh[256] <= 32767, "so that neither term exceeds 32 bits");
constexpr int32_t lstm_next_cell(int32_t i, int32_t f, int32_t g, int32_t c) {
  return add_sat32(f * (c >> 15), (((f * (c & 32767) + (1 << 14)) >> 1) + i * g) >> 14);
}

// One LSTM unit from its four gates (Q0.15): updates cell (Q15.16) and returns h (Q0.7).
constexpr int8_t lstm_update(int32_t i, int32_t f, int32_t g, int32_t o, int32_t* cell,
                             const uint16_t* tanh_table = kTanh) {
  const int32_t c = lstm_next_cell(i, f, g, *cell);
  *cell = c;
  const int32_t t = tanh_q15(((c >> 3) + 1) >> 1, tanh_table);  // c / 2^4 to nearest; c + 2^3 could overflow
  const int32_t h = (o * t + (1 << 22)) >> 23;
  return static_cast<int8_t>(h > 127 ? 127 : h);
}

// The same from its four pre-activations (Q3.12).
constexpr int8_t lstm_cell(int32_t pre_i, int32_t pre_f, int32_t pre_g, int32_t pre_o, int32_t* cell) {
  return lstm_update(sigmoid_q15(pre_i), sigmoid_q15(pre_f), tanh_q15(pre_g), sigmoid_q15(pre_o), cell);
}

// n of one GRU unit (Q0.15) from the two terms of its pre-activation and r (Q0.15), which resets the second.
constexpr int32_t gru_candidate_reset_after(int32_t r, int32_t from_input, int32_t from_hidden) {
  const auto kept = static_cast<int32_t>(round_shift(int64_t{r} * clamp_gate_term(from_hidden), 15));
  return tanh_q15(sat16(clamp_gate_term(from_input) + kept));
}

// The next wide state of one GRU unit (Q1.30) from z and n (Q0.15) and the one before.
constexpr int32_t gru_blend(int32_t z, int32_t n, int32_t wide) {
  return static_cast<int32_t>(round_shift(int64_t{32768 - z} * 32768 * n + int64_t{z} * wide, 15));
}

// a · b in Q0.31; a, b <= 2^31.
constexpr uint64_t mul31(uint64_t a, uint64_t b) { return (a * b + (uint64_t{1} << 30)) >> 31; }

// exp(-d / 1024) in Q0.31.
constexpr uint64_t exp_neg(uint32_t d) {
  if (d >= 32 * 1024) return 0;
  return mul31(mul31(kExpInteger[d >> 10], kExpCoarse[(d >> 5) & 31]), kExpFine[d & 31]);
}

constexpr int64_t kLn2Q24 = 11629080;

// Position of the highest set bit; v >= 1.
inline int highest_bit(uint64_t v) { return 63 - __builtin_clzll(v); }

// log2(v), v >= 1, 24 fraction bits.
inline int64_t log2_q24(uint64_t v) {
  const int n = highest_bit(v);
  const auto mantissa = static_cast<uint32_t>(n <= 31 ? v << (31 - n) : v >> (n - 31));
  const uint32_t f = mantissa - 0x80000000u;
  const uint32_t i = f >> 23, r = f & 0x7fffff;
  const uint32_t t = kLog2[i] + static_cast<uint32_t>((uint64_t{kLog2[i + 1] - kLog2[i]} * r) >> 23);
  return (int64_t{n} << 24) + ((t + 32) >> 6);
}

// ln(v), v >= 1, 24 fraction bits.
inline int64_t ln_q24(uint64_t v) { return round_shift(log2_q24(v) * 2977044472, 32); }

// Standard Gumbel noise -ln(-ln u), u = (word + 1/2) / 2^32, in Q.16.
inline int64_t gumbel(uint32_t word) {
  const uint32_t q = ~word;
  uint64_t e;  // -ln u, Q.32
  if (q < (1u << 26)) {
    const uint64_t v = q, square = v * v;
    e = v + (square >> 33) + (((square >> 32) * v / 3) >> 32) + 1;
  } else {
    e = static_cast<uint64_t>(33 * kLn2Q24 - ln_q24(2 * uint64_t{word} + 1)) << 8;
  }
  return -round_shift(ln_q24(e) - 32 * kLn2Q24, 8);
}

// What gumbel(word) does not exceed: -ln u >= 1 - u, which is at least a power of two. The margin is for ln_q24's
// errors.
inline int32_t gumbel_at_most(uint32_t word) {
  constexpr int32_t kLn2Q16 = 45426, kMargin = 64;
  const uint32_t q = ~word;
  return (q == 0 ? 33 : __builtin_clz(q) + 1) * kLn2Q16 + kMargin;
}

}  // namespace linnet
