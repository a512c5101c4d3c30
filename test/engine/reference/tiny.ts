/** Runs one op on given numbers, through an image of its own. */
import { ReferenceEngine } from '../../../src/engine/reference/engine';
import type { ImageContent, OpSpec } from '../../../src/image/content';
import { openImage } from '../../../src/image/read';
import { writeImage } from '../../../src/image/write';
import { ImageBuilder } from '../../conformance/builder';
import { wordLevelTables } from '../../conformance/tokenizers';

export interface Result {
  /** [steps, features], or [features]. */
  readonly dims: readonly number[];
  readonly values: readonly number[];
}

/** 1, and one half, as multiplier and shift. */
export const ONE = { multiplier: 2 ** 30, shift: 30 } as const;
export const HALF = { multiplier: 2 ** 30, shift: 31 } as const;

/**
 * @param rows the input, int8 [steps, features], at most 54 steps
 * @param build adds the op behind tensor x and returns its output
 * @param change makes of the content what is run
 */
export function evaluate(
  rows: readonly (readonly number[])[],
  build: (b: ImageBuilder, x: number) => number,
  change: (content: ImageContent) => ImageContent = (content) => content,
): Result {
  const features = rows[0]!.length;
  const b = new ImageBuilder(
    {
      kind: 'classifier',
      name: 'tiny',
      labels: ['a'],
      minTokens: rows.length,
      maxTokens: rows.length,
      padId: 0,
      logitFrac: 8,
      tokenizer: wordLevelTables(),
    },
    1,
  );
  const x = b.embedding(features, false);
  const output = build(b, x);
  const isStep = b.tensors[output]!.dims.length === 1;
  b.softmax(b.linear(isStep ? output : b.lastStep(output, 'forward'), 1, { dtype: 'i16' }));
  // Token t stands for row t.
  data(b.finish({}), b.table).set(rows.flat());
  const engine = new ReferenceEngine(openImage(writeImage(change(b.finish({}))), 'tiny'));
  let result: Result | undefined;
  engine.observer = (step) => {
    if (step.output === output) result = { dims: step.dims, values: [...step.values] };
  };
  engine.classify(rows.map((_, t) => t));
  return result!;
}

/** The elements of a constant, to be changed. */
export function data(content: ImageContent, id: number): Int8Array | Int32Array {
  const tensor = content.tensors[id]!;
  if (tensor.kind !== 'constant') throw new Error(`tensor ${id} is no constant`);
  return tensor.data as Int8Array | Int32Array;
}

/** Gives the first conv these weights, biases and one scale. */
export function withWeights(
  weights: readonly number[],
  { multiplier, shift, bias = [] }: { multiplier: number; shift: number; bias?: readonly number[] } = ONE,
) {
  return (content: ImageContent): ImageContent => {
    const { weights: ids } = content.ops.find((op): op is Extract<OpSpec, { op: 'conv' }> => op.op === 'conv')!;
    data(content, ids.weight).set(weights);
    data(content, ids.bias!).fill(0).set(bias);
    data(content, ids.multiplier).fill(multiplier);
    data(content, ids.shift).fill(shift);
    return content;
  };
}

/** Replaces fields of the op at `index`. */
export function withFields(index: number, fields: object) {
  return (content: ImageContent): ImageContent => ({
    ...content,
    ops: content.ops.map((op, i) => (i === index ? ({ ...op, ...fields } as OpSpec) : op)),
  });
}
