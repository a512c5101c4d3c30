/** Seeded numbers, so that two runs measure the same model. */

/** xorshift32: uniform in [0, 1). */
export function randomSource(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** `length` values uniform in [-limit, limit). */
export function uniform(random: () => number, length: number, limit: number): Float32Array {
  return Float32Array.from({ length }, () => (2 * random() - 1) * limit);
}
