import type { OpOf } from '../../../image/ops.js';
import type { Image } from '../../../image/read.js';
import { clamp, roundShift, sat16, sigmoid, tanh, toQ07 } from '../fixed-point.js';
import type { Kernel } from './kernel.js';
import { recurrent } from './recurrent.js';

const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/** One LSTM layer, gates i, f, g, o; hidden Q0.7, cell Q15.16. */
export function lstm(image: Image, op: OpOf<'lstm'>): Kernel {
  return recurrent(image, op, op.cell, (terms, out, cell) => {
    const size = out.length;
    const gate = (row: number): number => sat16(terms.input(row) + terms.recurrent(row));
    for (let u = 0; u < size; u++) {
      const i = sigmoid(gate(u));
      const f = sigmoid(gate(size + u));
      const g = tanh(gate(2 * size + u));
      const o = sigmoid(gate(3 * size + u));
      const c = clamp(roundShift(f * cell[u]! + 2 * i * g, 15), INT32_MIN, INT32_MAX);
      cell[u] = c;
      out[u] = toQ07(o * tanh(sat16(roundShift(c, 4))), 23);
    }
  });
}
