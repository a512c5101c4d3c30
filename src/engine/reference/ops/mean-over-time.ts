import type { OpOf } from '../../../image/ops.js';
import type { Image } from '../../../image/read.js';
import { clamp } from '../fixed-point.js';
import type { Kernel } from './kernel.js';

/** output[c] = 2^shift · mean over t of input[t][c], to nearest, ties up */
export function meanOverTime(_image: Image, op: OpOf<'mean_over_time'>): Kernel {
  return (memory) => {
    const x = memory.i8(op.input);
    const out = memory.i8(op.output);
    const channels = memory.features(op.input);
    const steps = memory.time(op.input);
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let t = 0; t < steps; t++) sum += x[t * channels + c]!;
      // All below 2²⁸, so the double quotient is on the right side of every integer.
      out[c] = clamp(Math.floor((2 * 2 ** op.shift * sum + steps) / (2 * steps)), -127, 127);
    }
  };
}
