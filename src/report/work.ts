/** Multiply-accumulates an image takes, counted, not timed. */
import { ReferenceEngine } from '../engine/reference/engine.js';
import { isRecurrent, matricesOf, type Op } from '../image/ops.js';
import type { Image } from '../image/read.js';

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
  // Shapes in the image are those of the longest input, which for a language model is one token.
  const longest = image.ops.map((op) => macs(op, image, image.tensors[op.output]!.dims));
  if (image.kind === 'language_model') return [work('token', 1, longest)];
  const { min_tokens, max_tokens } = image.header;
  const typical = image.ops.map(() => 0);
  const engine = new ReferenceEngine(image);
  engine.observer = ({ index, dims }) => (typical[index] = macs(image.ops[index]!, image, dims));
  engine.classify(sentence);
  return [
    work('typical sentence', Math.max(min_tokens, sentence.length), typical),
    work('longest sentence', max_tokens, longest),
  ];
}

function work(of: Work['of'], tokens: number, layers: readonly number[]): Work {
  return { of, tokens, layers, total: layers.reduce((sum, n) => sum + n, 0) };
}

/** Every output value of a matrix is a dot product of its columns; a recurrent layer uses all its rows each step. */
function macs(op: Op, image: Image, outputDims: readonly number[]): number {
  const outputs = outputDims.reduce((product, n) => product * n, 1);
  return matricesOf(op).reduce((sum, { weight }) => {
    const [rows, columns] = image.tensors[weight]!.dims as [number, number];
    const dotProducts = isRecurrent(op) ? (outputs / outputDims.at(-1)!) * rows : outputs;
    return sum + dotProducts * columns;
  }, 0);
}
