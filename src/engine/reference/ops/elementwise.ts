import type { OpOf } from '../../../image/ops.js';
import type { Image } from '../../../image/read.js';
import { requantize, roundShift } from '../fixed-point.js';
import { activate } from './activation.js';
import type { Kernel } from './kernel.js';

/** output = round_shift(a · multipliers[0] + b · multipliers[1], shift), activated */
export function add(_image: Image, op: OpOf<'add'>): Kernel {
  const [first, second] = op.multipliers as [number, number];
  // The sum is below 2⁴⁰, so it and its rounding are exact in doubles.
  return elementwise(op, (a, b) => roundShift(a * first + b * second, op.shift));
}

/** output = requantize(a · b), activated */
export function mul(_image: Image, op: OpOf<'mul'>): Kernel {
  return elementwise(op, (a, b) => requantize(a * b, op.multiplier, op.shift));
}

function elementwise(op: OpOf<'add'> | OpOf<'mul'>, f: (a: number, b: number) => number): Kernel {
  return (memory) => {
    const [a, b] = op.inputs.map((id) => memory.i8(id)) as [Int8Array, Int8Array];
    const out = memory.i8(op.output);
    const count = memory.time(op.output) * memory.features(op.output);
    for (let i = 0; i < count; i++) out[i] = activate(op.activation, f(a[i]!, b[i]!), 127);
  };
}
