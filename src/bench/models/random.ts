/** Seeded numbers, so that two runs measure the same model. */
import type { Weight } from '../../graph/graph.js';
import type { TokenizerTables } from '../../tokenizer/tables.js';

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

/** A maker of weights, uniform in [-limit, limit). */
export function randomWeights(seed: number): (limit: number, name: string, ...shape: number[]) => Weight {
  const random = randomSource(seed);
  return (limit, name, ...shape) => {
    const length = shape.reduce((n, dim) => n * dim, 1);
    return { name, shape, data: Float32Array.from({ length }, () => (2 * random() - 1) * limit) };
  };
}

/** `count` token ids of a vocabulary, scattered over it. */
export function scatteredIds(count: number, vocabSize: number): number[] {
  return Array.from({ length: count }, (_, i) => (i * 7919) % vocabSize);
}

/** Words w0, w1, …, each its own id. */
export function numberedWords(vocabSize: number): TokenizerTables {
  const tokens = Array.from({ length: vocabSize }, (_, id) => `w${id}`);
  return {
    kind: 'word_level',
    lowercase: false,
    splitPunctuation: false,
    joinWithSpace: true,
    appendEos: false,
    asciiSpaces: false,
    lineFeed: false,
    wordNgrams: 1,
    bucketCount: 0,
    unkId: 0,
    tokens: tokens.map((token) => new TextEncoder().encode(token)),
    sortedIds: tokens.map((_, id) => id).sort((a, b) => (tokens[a]! < tokens[b]! ? -1 : 1)),
    merges: [],
    byteIds: [],
  };
}
