import type { OpOf } from '../../../image/ops.js';
import type { Image } from '../../../image/read.js';
import { Direction } from '../../../schema/image.js';
import type { Kernel } from './kernel.js';

/** output = input[last], of a reverse layer input[0] */
export function lastStep(_image: Image, op: OpOf<'last_step'>): Kernel {
  return (memory) => {
    const channels = memory.features(op.input);
    const step = op.direction === Direction.reverse ? 0 : memory.time(op.input) - 1;
    memory.i8(op.output).set(memory.i8(op.input).subarray(step * channels, (step + 1) * channels));
  };
}
