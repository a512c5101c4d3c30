/** Real multipliers as the integers of docs/numerics.md, 1: real = multiplier / 2^shift. */

export interface Multiplier {
  /** 0, or in [2^30, 2^31). */
  readonly multiplier: number;
  /** 17 … 62 */
  readonly shift: number;
}

/** Scales by nothing: the row is 0. */
export const ZERO_MULTIPLIER: Multiplier = { multiplier: 0, shift: 17 };

/** Real multipliers at or above this cannot be expressed. */
export const MULTIPLIER_LIMIT = 2 ** 14;

/**
 * @param real ≥ 0
 * @returns undefined if real ≥ MULTIPLIER_LIMIT; ZERO_MULTIPLIER below 2^-32, where even the largest
 *   accumulator gives 0
 */
export function toMultiplier(real: number): Multiplier | undefined {
  if (real < 2 ** -32) return ZERO_MULTIPLIER;
  let shift = 30 - Math.floor(Math.log2(real));
  // log2 may be off by one next to a power of two, and rounding may reach 2^31.
  if (Math.round(real * 2 ** shift) >= 2 ** 31) shift--;
  if (Math.round(real * 2 ** shift) < 2 ** 30) shift++;
  const multiplier = Math.round(real * 2 ** shift);
  if (shift < 17) return undefined;
  return shift > 62 ? ZERO_MULTIPLIER : { multiplier, shift };
}
