/** Op records of an open image, and how they are joined. */
import { NONE, OP_STRUCTS } from '../schema/image.js';
import type { Values } from '../schema/struct.js';
import type { AxisWindows } from './time.js';

export type OpName = keyof typeof OP_STRUCTS;

/** A record with the fields of its struct in src/schema/image.ts; ids are positions in `Image.tensors`. */
export type OpOf<K extends OpName> = {
  readonly op: K;
  /** Byte offset in the image. */ readonly at: number;
} & Readonly<Values<(typeof OP_STRUCTS)[K]['fields']>>;
export type Op = { [K in OpName]: OpOf<K> }[OpName];
export type DenseIds = OpOf<'linear'>['weights'];

export type RecurrentOp = Extract<Op, { op: 'lstm' | 'gru' | 'rnn' }>;

export function isRecurrent(op: Op): op is RecurrentOp {
  return op.op === 'lstm' || op.op === 'gru' || op.op === 'rnn';
}

/** Activations an op reads. */
export function inputsOf(op: Op): readonly number[] {
  switch (op.op) {
    case 'embedding':
      return [];
    case 'concat':
      return op.inputs.slice(0, op.count);
    case 'add':
    case 'mul':
      return op.inputs;
    default:
      return [op.input];
  }
}

/** Matrices of an op, in record order. */
export function matricesOf(op: Op): readonly DenseIds[] {
  if (isRecurrent(op)) return [op.input_weights, op.recurrent_weights];
  return op.op === 'linear' || op.op === 'conv' ? [op.weights] : [];
}

/** Scratch an op uses besides its output. */
export function windowOf(op: Op): number | undefined {
  return op.op === 'conv' ? optional(op.window) : undefined;
}

/** States an op keeps. */
export function statesOf(op: Op): readonly number[] {
  if (!isRecurrent(op)) return [];
  return [op.hidden, ...wideStateOf(op)];
}

/** The int32 state of a recurrent op, if it has one. */
export function wideStateOf(op: RecurrentOp): readonly number[] {
  if (op.op === 'rnn') return [];
  return [op.op === 'lstm' ? op.cell : op.wide];
}

/** What a conv or a pool does on an axis: 0 is time, 1 is width. */
export function windowsOf(op: OpOf<'conv'> | OpOf<'pool'>, axis: 0 | 1): AxisWindows {
  return {
    kernel: op.kernel[axis]!,
    stride: op.stride[axis]!,
    dilation: op.op === 'conv' ? op.dilation[axis]! : 1,
    upsample: op.op === 'conv' ? op.upsample[axis]! : 1,
    padBegin: op.pad_begin[axis]!,
    padEnd: op.pad_end[axis]!,
  };
}

/** A tensor id, or undefined for NONE. */
export function optional(id: number): number | undefined {
  return id === NONE ? undefined : id;
}
