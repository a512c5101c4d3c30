import type { OpOf } from '../../../image/ops.js';
import type { Image } from '../../../image/read.js';
import { activate } from './activation.js';
import { Dense } from './dense.js';
import type { Kernel } from './kernel.js';

/** output[t] = requantize(weights · input[t] + bias), int8 or int16 */
export function linear(image: Image, op: OpOf<'linear'>): Kernel {
  const weights = new Dense(image, op.weights);
  const wide = image.tensors[op.output]!.dtype === 'i16';
  const highest = wide ? 32767 : 127;
  return (memory) => {
    const x = memory.i8(op.input);
    const out = wide ? memory.i16(op.output) : memory.i8(op.output);
    for (let t = 0; t < memory.time(op.output); t++)
      for (let row = 0; row < weights.rows; row++)
        out[t * weights.rows + row] = activate(op.activation, weights.row(row, x, t * weights.columns), highest);
  };
}
