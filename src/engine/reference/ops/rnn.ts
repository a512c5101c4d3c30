import type { OpOf } from '../../../image/ops.js';
import type { Image } from '../../../image/read.js';
import { sat16, tanh, toQ07 } from '../fixed-point.js';
import type { Kernel } from './kernel.js';
import { recurrent } from './recurrent.js';

/** One layer h = tanh(W·x + R·h + b), hidden Q0.7. */
export function rnn(image: Image, op: OpOf<'rnn'>): Kernel {
  return recurrent(image, op, undefined, (terms, out) => {
    for (let u = 0; u < out.length; u++) out[u] = toQ07(tanh(sat16(terms.input(u) + terms.recurrent(u))), 8);
  });
}
