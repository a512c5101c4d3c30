import type { OpOf } from '../../../image/ops.js';
import type { Image } from '../../../image/read.js';
import type { Kernel } from './kernel.js';

/** output[c] = max over t of input[t][c] */
export function maxOverTime(_image: Image, op: OpOf<'max_over_time'>): Kernel {
  return (memory) => {
    const x = memory.i8(op.input);
    const out = memory.i8(op.output);
    const channels = memory.features(op.input);
    for (let c = 0; c < channels; c++) {
      let best = x[c]!;
      for (let t = 1; t < memory.time(op.input); t++) best = Math.max(best, x[t * channels + c]!);
      out[c] = best;
    }
  };
}
