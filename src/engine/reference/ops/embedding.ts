import { optional, type OpOf } from '../../../image/ops.js';
import type { Image } from '../../../image/read.js';
import { clamp, requantize } from '../fixed-point.js';
import type { Kernel } from './kernel.js';

/** output[t] = rescale(table[ids[t]]) */
export function embedding(image: Image, op: OpOf<'embedding'>): Kernel {
  const table = image.constants.i8(op.table);
  const multiplierId = optional(op.multiplier);
  const multiplier = multiplierId === undefined ? undefined : image.constants.i32(multiplierId);
  const shift = multiplierId === undefined ? undefined : image.constants.u8(op.shift);
  return (memory, ids) => {
    const out = memory.i8(op.output);
    const size = memory.features(op.output);
    for (let t = 0; t < ids.length; t++) {
      const id = ids[t]!;
      for (let j = 0; j < size; j++) {
        const value = table[id * size + j]!;
        out[t * size + j] =
          multiplier && shift ? clamp(requantize(value, multiplier[id]!, shift[id]!), -127, 127) : value;
      }
    }
  };
}
