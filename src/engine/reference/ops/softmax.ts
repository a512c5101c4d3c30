import type { OpOf } from '../../../image/ops.js';
import type { Image } from '../../../image/read.js';
import { expNeg } from '../fixed-point.js';
import type { Kernel } from './kernel.js';

/** Probabilities in Q0.15 from int16 logits with Header.logit_frac fraction bits. */
export function softmax(image: Image, op: OpOf<'softmax'>): Kernel {
  const toQ10 = 2 ** (10 - image.header.logit_frac);
  return (memory) => {
    const logits = memory.i16(op.input);
    const out = memory.u16(op.output);
    const largest = logits.reduce((a, b) => Math.max(a, b));
    const e = Array.from(logits, (l) => expNeg((largest - l) * toQ10));
    const sum = e.reduce((a, b) => a + b, 0);
    e.forEach((value, j) => (out[j] = divide(value * 2 ** 15 + Math.floor(sum / 2), sum)));
  };
}

/** ⌊a / b⌋: the rounded quotient of doubles may be one too large. */
function divide(a: number, b: number): number {
  const q = Math.floor(a / b);
  return q * b > a ? q - 1 : q;
}
