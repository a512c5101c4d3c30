/** What LSTM, GRU and RNN layers have in common (docs/numerics.md, 3): two matrices, gates, and a walk through time. */
import type { RecurrentOp } from '../../../image/ops.js';
import type { Image } from '../../../image/read.js';
import { Direction } from '../../../schema/image.js';
import { clamp } from '../fixed-point.js';
import { Dense } from './dense.js';
import type { Kernel } from './kernel.js';

/** What keeps the sum of both terms of a pre-activation in int32. */
const TERM_LIMIT = 2 ** 29;

/** The two terms of gate rows at one time step: requantized to Q3.12, within ±2²⁹. */
export interface Terms {
  readonly input: (row: number) => number;
  /** @param h what the recurrent matrix reads; by default the hidden state of the step before */
  readonly recurrent: (row: number, h?: Int8Array) => number;
}

/**
 * @param step computes every unit of one step into `out` [hidden_size], Q0.7; only then is `out` the hidden state
 */
export type Step = (terms: Terms, out: Int8Array, wide: Int32Array) => void;

/** @param wide the int32 state, if the layer has one */
export function recurrent(image: Image, op: RecurrentOp, wide: number | undefined, step: Step): Kernel {
  const inputWeights = new Dense(image, op.input_weights);
  const recurrentWeights = new Dense(image, op.recurrent_weights);
  const size = recurrentWeights.columns;
  return (memory) => {
    const x = memory.i8(op.input);
    const out = memory.i8(op.output);
    const hidden = memory.i8(op.hidden);
    const wideState = wide === undefined ? new Int32Array() : memory.i32(wide);
    const steps = memory.time(op.output);
    for (let i = 0; i < steps; i++) {
      const t = op.direction === Direction.reverse ? steps - 1 - i : i;
      const row = out.subarray(t * size, (t + 1) * size);
      const limited = (term: number): number => clamp(term, -TERM_LIMIT, TERM_LIMIT);
      step(
        {
          input: (r) => limited(inputWeights.row(r, x, t * inputWeights.columns)),
          recurrent: (r, h = hidden) => limited(recurrentWeights.row(r, h, 0)),
        },
        row,
        wideState,
      );
      hidden.set(row);
    }
  };
}
