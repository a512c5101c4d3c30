/**
 * docs/numerics.md, 1, 3 and 4, in numbers: every intermediate value below is an integer of less than 2⁵³, where
 * doubles are exact. A product that would need more is split at 16 bits; dividing by a power of two is exact too.
 */
import { EXP_COARSE, EXP_FINE, EXP_INTEGER, LOG2, SIGMOID, TANH } from '../../schema/tables.js';

const POWER = Float64Array.from({ length: 64 }, (_, i) => 2 ** i);
const INVERSE = Float64Array.from({ length: 64 }, (_, i) => 2 ** -i);

export function clamp(v: number, low: number, high: number): number {
  return v < low ? low : v > high ? high : v;
}

/** (v + 2^(s-1)) >> s for |v| < 2⁵², s ≥ 1. */
export function roundShift(v: number, s: number): number {
  return Math.floor((v + POWER[s - 1]!) * INVERSE[s]!);
}

/** round_shift(a · b, s) for |a| ≤ 2³³, 0 ≤ b < 2³², s ≥ 17. */
function multiplyRoundShift(a: number, b: number, s: number): number {
  // a·b + 2^(s-1) = (a·high + ⌊a·low / 2¹⁶⌋ + 2^(s-17)) · 2¹⁶ + rest, 0 ≤ rest < 2¹⁶; rest cannot reach bit s.
  const low = b % 65536;
  const high = (b - low) * INVERSE[16]!;
  return Math.floor((a * high + Math.floor(a * low * INVERSE[16]!) + POWER[s - 17]!) * INVERSE[s - 16]!);
}

/** acc int32; m = 0 or in [2³⁰, 2³¹); 17 ≤ s ≤ 62; int32. */
export function requantize(acc: number, m: number, s: number): number {
  return clamp(multiplyRoundShift(acc, m, s), -0x80000000, 0x7fffffff);
}

/** round_shift(a · b, 31), a, b in 0 … 2³¹. */
export function mul31(a: number, b: number): number {
  return multiplyRoundShift(a, b, 31);
}

/** A pre-activation, Q3.12. */
export function sat16(v: number): number {
  return clamp(v, -32768, 32767);
}

/** A value in [-1, 1], Q0.7, from one with `fraction` bits more. */
export function toQ07(v: number, fraction: number): number {
  return Math.min(roundShift(v, fraction), 127);
}

/** ⌊ (sum · 2^(8·order))^(1/order) ⌋: the exact root with 8 fraction bits; sum < 2³⁷, order 1 … 3. */
export function rootQ8(sum: number, order: number): number {
  // The one place where doubles do not do: up to 2⁶¹. The root in doubles is off by less than 1.
  const radicand = BigInt(sum) << BigInt(8 * order);
  const fits = (r: number): boolean => BigInt(r) ** BigInt(order) <= radicand;
  const r = Math.round(256 * sum ** (1 / order));
  return fits(r) ? r : r - 1;
}

function interpolate(table: readonly number[], a: number): number {
  const i = a >> 7;
  const low = table[i]!;
  return a === 32768 ? low : low + (((table[i + 1]! - low) * (a & 127) + 64) >> 7);
}

/** int16 Q3.12 → Q0.15. */
export function sigmoid(x: number): number {
  return x >= 0 ? interpolate(SIGMOID, x) : 32768 - interpolate(SIGMOID, -x);
}

/** int16 Q3.12 → Q0.15. */
export function tanh(x: number): number {
  return x >= 0 ? interpolate(TANH, x) : -interpolate(TANH, -x);
}

/** exp(-d) in Q0.31; d ≥ 0 in Q.10. */
export function expNeg(d: number): number {
  if (d >= 32 * 1024) return 0;
  return mul31(mul31(EXP_INTEGER[d >> 10]!, EXP_COARSE[(d >> 5) & 31]!), EXP_FINE[d & 31]!);
}

/** log2(v) in Q.24; 1 ≤ v ≤ 2⁵³. */
export function log2Q24(v: number): number {
  const n = v < 2 ** 32 ? 31 - Math.clz32(v) : 63 - Math.clz32(v / 2 ** 32);
  const f = Math.floor(v * 2 ** (31 - n)) - 2 ** 31;
  const i = f >> 23;
  const t = LOG2[i]! + Math.floor(((LOG2[i + 1]! - LOG2[i]!) * (f & 0x7fffff)) / 2 ** 23);
  return n * 2 ** 24 + ((t + 32) >> 6);
}

/** ln 2 in Q.24. */
export const LN2_Q24 = 11629080;

/** ln(v) in Q.24; 1 ≤ v ≤ 2⁵³. */
export function lnQ24(v: number): number {
  return multiplyRoundShift(log2Q24(v), 2977044472, 32);
}
