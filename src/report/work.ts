/** Multiply-accumulates an image takes, counted, not timed. */
import { isRecurrent, matricesOf, windowsOf, type Op } from '../image/ops.js';
import type { Image } from '../image/read.js';
import { positionsOf, stepsOf } from '../image/time.js';

export interface Work {
  /** A token of a language model; a sentence of this many tokens. */
  readonly of: 'token' | 'typical sentence' | 'longest sentence';
  readonly tokens: number;
  /** Multiply-accumulates of every op, in order; 0 where nothing is multiplied by a matrix. */
  readonly layers: readonly number[];
  readonly total: number;
}

/** @param sentence token ids of a typical sentence; not looked at for a language model */
export function countWork(image: Image, sentence: ArrayLike<number>): Work[] {
  const layers = (tokens: number): number[] => image.ops.map((op) => macs(op, image, tokens));
  if (image.kind === 'language_model') return [work('token', 1, layers(1))];
  const { min_tokens, max_tokens } = image.header;
  const typical = Math.max(min_tokens, sentence.length);
  return [work('typical sentence', typical, layers(typical)), work('longest sentence', max_tokens, layers(max_tokens))];
}

function work(of: Work['of'], tokens: number, layers: readonly number[]): Work {
  return { of, tokens, layers, total: layers.reduce((sum, n) => sum + n, 0) };
}

/** Every result of a matrix is a dot product of its columns; a recurrent layer uses all its rows each step. */
function macs(op: Op, image: Image, tokens: number): number {
  const features = image.tensors[op.output]!.dims.at(-1)!;
  return matricesOf(op).reduce((sum, { weight }) => {
    const [rows, columns] = image.tensors[weight]!.dims as [number, number];
    return sum + stepsMade(op, image, tokens) * (isRecurrent(op) ? rows : features) * columns;
  }, 0);
}

/** Steps an op computes of so many tokens: those of its output, or those of which a convolution keeps the largest. */
function stepsMade(op: Op, { tensors }: Image, tokens: number): number {
  const steps = (id: number): number => {
    const { time } = tensors[id]!;
    return time ? stepsOf(time, tokens) : 1;
  };
  return op.op === 'conv' ? positionsOf(steps(op.input), windowsOf(op, 0)) : steps(op.output);
}
