/** docs/numerics.md, 6: greedy and Gumbel-max sampling. */
import { LinnetError } from '../../errors.js';
import { LIMITS } from '../../schema/image.js';
import { STATUS } from '../../schema/status.js';
import { LN2_Q24, lnQ24, roundShift } from './fixed-point.js';
import { Pcg32 } from './pcg32.js';

export interface SamplerOptions {
  /** 0 … 2³²-1 */
  readonly seed: number;
  /** temperature · 4096, 0 … 65535; 0: greedy */
  readonly temperatureQ12: number;
  /** 0: all; else 1 … 128 */
  readonly topK: number;
}

export const GREEDY: SamplerOptions = { seed: 0, temperatureQ12: 0, topK: 0 };

/** Chooses one token after another. */
export class Sampler {
  private readonly random: Pcg32;

  /** @throws LinnetError bad_parameter */
  constructor(
    private readonly options: SamplerOptions,
    private readonly logitFrac: number,
  ) {
    const { seed, temperatureQ12, topK } = options;
    for (const [value, most] of [
      [seed, 0xffffffff],
      [temperatureQ12, 0xffff],
      [topK, LIMITS.max_top_k],
    ] as const)
      if (!(Number.isInteger(value) && value >= 0 && value <= most))
        throw LinnetError.fromStatus(STATUS.bad_parameter.code, JSON.stringify(options));
    this.random = new Pcg32(seed);
  }

  /** @param logits int16 [vocab_size] */
  choose(logits: Int16Array): number {
    const { temperatureQ12: t, topK } = this.options;
    if (t === 0) return firstLargest(logits, (logit) => logit);
    /** 1/T in Q.16 */
    const inverse = Math.floor((2 ** 28 + Math.floor(t / 2)) / t);
    const score = (logit: number): number =>
      Math.floor((logit * inverse) / 2 ** this.logitFrac) + gumbel(this.random.next());
    if (topK === 0) return firstLargest(logits, score);
    const candidates = largest(logits, topK);
    return candidates[
      firstLargest(
        Int16Array.from(candidates, (id) => logits[id]!),
        score,
      )
    ]!;
  }
}

/** Index of the largest score, the first of equals. Scores are taken in ascending order of the index. */
function firstLargest(logits: Int16Array, score: (logit: number) => number): number {
  let best = -Infinity;
  let at = 0;
  for (let i = 0; i < logits.length; i++) {
    const value = score(logits[i]!);
    if (value <= best) continue;
    best = value;
    at = i;
  }
  return at;
}

/** Ids of the k largest logits, of equals the lower ids; in ascending order. */
function largest(logits: Int16Array, k: number): number[] {
  const ids = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
  return ids.slice(0, k).sort((a, b) => a - b);
}

/** Standard Gumbel noise -ln(-ln u), u = (word + ½)/2³², in Q.16. */
export function gumbel(word: number): number {
  const q = 2 ** 32 - 1 - word;
  let e: number; // -ln u in Q.32
  if (q < 2 ** 26) {
    const square = q * q;
    e = q + Math.floor(square / 2 ** 33) + Math.floor(Math.floor((Math.floor(square / 2 ** 32) * q) / 3) / 2 ** 32) + 1;
  } else {
    e = (33 * LN2_Q24 - lnQ24(2 * word + 1)) * 2 ** 8;
  }
  return -roundShift(lnQ24(e) - 32 * LN2_Q24, 8);
}
