import type { OpOf } from '../../../image/ops.js';
import type { Image } from '../../../image/read.js';
import { Activation } from '../../../schema/image.js';
import { clamp } from '../fixed-point.js';
import { Dense, lowest } from './dense.js';
import type { Kernel } from './kernel.js';

/** `width` rows of the input that follow each other are one long row: dense on a sliding window. */
export function conv1d(image: Image, op: OpOf<'conv1d'>): Kernel {
  const weights = new Dense(image, op.weights);
  const low = lowest(op.activation, -127, Activation.relu);
  return (memory) => {
    const x = memory.i8(op.input);
    const out = memory.i8(op.output);
    const channels = memory.features(op.input);
    for (let t = 0; t < memory.time(op.output); t++)
      for (let row = 0; row < weights.rows; row++)
        out[t * weights.rows + row] = clamp(weights.row(row, x, t * channels), low, 127);
  };
}
