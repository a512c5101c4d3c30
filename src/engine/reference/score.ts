/** docs/numerics.md, 5: negative log-likelihood in one pass. */
import { expNeg, LN2_Q24, lnQ24, roundShift } from './fixed-point.js';

/**
 * -ln p(target) in nats, Q.16.
 * @param logits int16 [vocab_size] with logitFrac fraction bits
 */
export function negativeLogLikelihood(logits: Int16Array, target: number, logitFrac: number): number {
  const toQ10 = 2 ** (10 - logitFrac);
  let m = logits[0]!;
  let s = 2 ** 31; // Σ exp(logit - m) so far, Q.31, below 2⁴⁸
  for (let j = 1; j < logits.length; j++) {
    const l = logits[j]!;
    if (l <= m) {
      s += expNeg((m - l) * toQ10);
    } else {
      s = scale31(s, expNeg((l - m) * toQ10)) + 2 ** 31;
      m = l;
    }
  }
  return roundShift(lnQ24(s) - 31 * LN2_Q24, 8) + (m - logits[target]!) * 2 ** (16 - logitFrac);
}

/** (s >> 31) · e + (((s & (2³¹-1)) · e) >> 31); the second product split at 16 bits to stay exact. */
function scale31(s: number, e: number): number {
  const low = s % 2 ** 31;
  const eLow = e % 65536;
  const product = (low * ((e - eLow) / 65536) + Math.floor((low * eLow) / 65536)) / 2 ** 15;
  return Math.floor(s / 2 ** 31) * e + Math.floor(product);
}
