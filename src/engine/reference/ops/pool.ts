import type { OpOf } from '../../../image/ops.js';
import type { Image } from '../../../image/read.js';
import { PoolMode } from '../../../schema/image.js';
import { clamp, requantize, rootQ8 } from '../fixed-point.js';
import type { Kernel } from './kernel.js';
import { Plane } from './plane.js';

/** One value of each channel for every window; kernel[0] = 0 spans all steps there are. */
export function pool(_image: Image, op: OpOf<'pool'>): Kernel {
  return (memory) => {
    const input = new Plane(memory, op.input, op.channels);
    const output = new Plane(memory, op.output, op.channels);
    const kernel = [op.kernel[0]! || input.steps, op.kernel[1]!] as const;
    for (let p = 0; p < output.steps; p++)
      for (let q = 0; q < output.width; q++) {
        const positions = positionsOf(op, input, kernel, p, q);
        for (let c = 0; c < op.channels; c++) {
          const elements = positions.map((at) => input.values[at + c]!);
          output.values[output.index(p, q) + c] = reduce(op, elements, kernel[0] * kernel[1]);
        }
      }
  };
}

/** Where the elements of a window lie that exist: there is at least one. */
function positionsOf(
  op: OpOf<'pool'>,
  input: Plane,
  kernel: readonly [number, number],
  p: number,
  q: number,
): readonly number[] {
  const positions: number[] = [];
  for (let i = 0; i < kernel[0]; i++)
    for (let j = 0; j < kernel[1]; j++) {
      const y = p * op.stride[0]! + i - op.pad_begin[0]!;
      const x = q * op.stride[1]! + j - op.pad_begin[1]!;
      if (input.has(y, x)) positions.push(input.index(y, x));
    }
  return positions;
}

/** @param size positions of the window, those of its padding too */
function reduce(op: OpOf<'pool'>, elements: readonly number[], size: number): number {
  const sum = (f: (x: number) => number): number => elements.reduce((total, x) => total + f(x), 0);
  switch (op.mode) {
    case PoolMode.average: {
      const n = op.count_padding ? size : elements.length;
      // All below 2³¹, so the double quotient is on the right side of every integer.
      return clamp(Math.floor((2 * 2 ** op.gain * sum((x) => x) + n) / (2 * n)), -127, 127);
    }
    case PoolMode.lp: {
      const norm = rootQ8(
        sum((x) => Math.abs(x) ** op.order),
        op.order,
      );
      return clamp(requantize(norm, op.multiplier, op.shift), -127, 127);
    }
    default:
      return elements.reduce((most, x) => Math.max(most, x));
  }
}
