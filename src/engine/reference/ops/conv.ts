import type { Image } from '../../../image/read.js';
import { windowsOf, type OpOf } from '../../../image/ops.js';
import { positionsOf } from '../../../image/time.js';
import { OverTime } from '../../../schema/image.js';
import { activate } from './activation.js';
import { Dense } from './dense.js';
import type { Kernel } from './kernel.js';
import { Plane } from './plane.js';

/** dense on the window of every position, group by group; over_time largest keeps the largest of each position of the width. */
export function conv(image: Image, op: OpOf<'conv'>): Kernel {
  const weights = new Dense(image, op.weights);
  const filters = weights.rows / op.groups;
  const window = new Int8Array(weights.columns);
  const largest = op.over_time === OverTime.largest;
  return (memory) => {
    const input = new Plane(memory, op.input, op.channels);
    const output = new Plane(memory, op.output, weights.rows);
    const steps = positionsOf(input.steps, windowsOf(op, 0));
    if (largest) output.values.fill(-128);
    for (let p = 0; p < steps; p++)
      for (let q = 0; q < output.width; q++)
        for (let group = 0; group < op.groups; group++) {
          gather(op, input, p, q, group, window);
          for (let row = group * filters; row < (group + 1) * filters; row++) {
            const result = activate(op.activation, weights.row(row, window, 0), 127);
            const at = output.index(largest ? 0 : p, q) + row;
            output.values[at] = largest ? Math.max(output.values[at]!, result) : result;
          }
        }
  };
}

/** The window of output position (p, q), [kernel[0], kernel[1], channels / groups]: zeros where there is no element. */
function gather(op: OpOf<'conv'>, input: Plane, p: number, q: number, group: number, window: Int8Array): void {
  const [rows, columns] = op.kernel as [number, number];
  const channels = op.channels / op.groups;
  window.fill(0);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const y = (p * op.stride[0]! + i * op.dilation[0]! - op.pad_begin[0]!) / op.upsample[0]!;
      const x = (q * op.stride[1]! + j * op.dilation[1]! - op.pad_begin[1]!) / op.upsample[1]!;
      if (!Number.isInteger(y) || !Number.isInteger(x) || !input.has(y, x)) continue;
      const from = input.index(y, x) + group * channels;
      window.set(input.values.subarray(from, from + channels), (i * columns + j) * channels);
    }
}
