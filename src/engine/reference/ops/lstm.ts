import type { OpOf } from '../../../image/ops.js';
import type { Image } from '../../../image/read.js';
import { clamp, roundShift, sigmoid, tanh } from '../fixed-point.js';
import { Dense } from './dense.js';
import type { Kernel } from './kernel.js';

/** What keeps the sum of both halves of a pre-activation in int32. */
const HALF_LIMIT = 2 ** 29;
const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/** One LSTM layer, gates i, f, g, o; hidden Q0.7, cell Q15.16. */
export function lstm(image: Image, op: OpOf<'lstm'>): Kernel {
  const input = new Dense(image, op.input_weights);
  const recurrent = new Dense(image, op.recurrent_weights);
  const size = recurrent.columns;
  return (memory) => {
    const x = memory.i8(op.input);
    const out = memory.i8(op.output);
    const hidden = memory.i8(op.hidden);
    const cell = memory.i32(op.cell);
    for (let t = 0; t < memory.time(op.output); t++) {
      /** Q3.12 */
      const gate = (row: number): number =>
        clamp(
          clamp(input.row(row, x, t * input.columns), -HALF_LIMIT, HALF_LIMIT) +
            clamp(recurrent.row(row, hidden, 0), -HALF_LIMIT, HALF_LIMIT),
          -32768,
          32767,
        );
      for (let u = 0; u < size; u++) {
        const i = sigmoid(gate(u));
        const f = sigmoid(gate(size + u));
        const g = tanh(gate(2 * size + u));
        const o = sigmoid(gate(3 * size + u));
        const c = clamp(roundShift(f * cell[u]! + 2 * i * g, 15), INT32_MIN, INT32_MAX);
        cell[u] = c;
        out[t * size + u] = Math.min(roundShift(o * tanh(clamp(roundShift(c, 4), -32768, 32767)), 23), 127);
      }
      // Only now: every unit uses the hidden state of the step before.
      hidden.set(out.subarray(t * size, (t + 1) * size));
    }
  };
}
