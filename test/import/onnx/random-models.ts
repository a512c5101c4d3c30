/** Random models of the shapes the importer knows, written as ONNX in the many ways one can write them. */
import fc from 'fast-check';
import { ElementType, tensor, writeOnnx, type OnnxAttribute, type OnnxNode, type OnnxTensor, type OnnxValue } from '../../../src/bench/peers/onnx.js'; // prettier-ignore

export const recurrentShape = fc.record({
  cell: fc.constantFrom('LSTM', 'GRU', 'RNN'),
  resetAfter: fc.boolean(),
  vocabSize: fc.integer({ min: 2, max: 12 }),
  embeddingSize: fc.integer({ min: 1, max: 9 }),
  hiddenSizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
  bias: fc.boolean(),
  batchFirst: fc.boolean(),
  dynamic: fc.boolean(),
  steps: fc.integer({ min: 1, max: 12 }),
  /** Where the layers start. */
  initial: fc.constantFrom('none', 'constant', 'shape', 'input'),
  /** How Y loses its axis of directions. */
  directions: fc.constantFrom('squeeze', 'reshape', 'transpose'),
  output: fc.constantFrom('matmul', 'gemm', 'gemm transposed', 'tied'),
  ending: fc.constantFrom('logits', 'log-softmax', 'softmax'),
  dropout: fc.boolean(),
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
});
export type RecurrentShape = typeof recurrentShape extends fc.Arbitrary<infer T> ? T : never;

export const cnnShape = fc.record({
  vocabSize: fc.integer({ min: 2, max: 12 }),
  channels: fc.integer({ min: 1, max: 8 }),
  widths: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
  filters: fc.integer({ min: 1, max: 8 }),
  labels: fc.integer({ min: 2, max: 5 }),
  /** Steps beyond the widest window. */
  more: fc.integer({ min: 0, max: 8 }),
  form: fc.constantFrom('1d', '2d', '2d transposed'),
  bias: fc.boolean(),
  norm: fc.constantFrom('none', 'convolution', 'embedding', 'concat', 'output'),
  relu: fc.constantFrom('none', 'before', 'after'),
  pool: fc.constantFrom('ReduceMax', 'GlobalMaxPool', 'MaxPool'),
  hidden: fc.boolean(),
  alpha: fc.constantFrom(1, 0.5),
  beta: fc.constantFrom(1, -2),
  transB: fc.boolean(),
  softmax: fc.boolean(),
  seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
});
export type CnnShape = typeof cnnShape extends fc.Arbitrary<infer T> ? T : never;

export const GATES = { LSTM: 4, GRU: 3, RNN: 1 } as const;

/** Nodes and initializers as they come; names count up. */
export class ModelWriter {
  private readonly nodes: OnnxNode[] = [];
  private readonly initializers: OnnxTensor[] = [];
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  /** Uniform in ±1 (Numerical Recipes' generator). */
  private random(): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return this.state / 2 ** 31 - 1;
  }

  ids(count: number, vocabSize: number): number[] {
    return Array.from({ length: count }, () => Math.floor(((this.random() + 1) / 2) * vocabSize));
  }

  floats(dims: readonly number[], of: (x: number) => number = (x) => x): string {
    const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => of(this.random()));
    return this.initializer(ElementType.float, dims, data);
  }

  integers(values: readonly number[]): string {
    return this.initializer(ElementType.int64, [values.length], BigInt64Array.from(values, BigInt));
  }

  scalar(value: number): string {
    return this.initializer(ElementType.int64, [], BigInt64Array.of(BigInt(value)));
  }

  initializer(type: number, dims: readonly number[], data: ArrayBufferView): string {
    const name = `w${this.initializers.length}`;
    this.initializers.push(tensor(name, type, dims, data));
    return name;
  }

  node(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, OnnxAttribute>>): string {
    return this.several(op, inputs, 1, attributes)[0]!;
  }

  /** A node of several outputs. */
  several(
    op: string,
    inputs: readonly string[],
    count: number,
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ): string[] {
    const name = `v${this.nodes.length}`;
    const outputs = Array.from({ length: count }, (_, i) => (i === 0 ? name : `${name}.${i}`));
    this.nodes.push({ op, inputs, outputs, attributes });
    return outputs;
  }

  finish(inputs: readonly OnnxValue[], output: string, rank: number): Uint8Array {
    const dims = Array.from({ length: rank }, (_, i) => `out${i}`);
    const outputs = [{ name: output, type: ElementType.float, dims }];
    const { nodes, initializers } = this;
    return writeOnnx({ name: 'random', nodes, initializers, inputs, outputs, opsets: { '': 14 } });
  }
}

export interface RandomModel {
  readonly model: Uint8Array;
  readonly ids: readonly number[];
  readonly idDims: readonly number[];
  readonly states: Readonly<Record<string, readonly number[]>>;
}

export function writeRecurrent(shape: RecurrentShape): RandomModel {
  const { vocabSize, batchFirst, steps } = shape;
  const w = new ModelWriter(shape.seed);
  const inputs: OnnxValue[] = [];
  const idDims = batchFirst ? [1, steps] : [steps, 1];
  const declared = shape.dynamic ? (batchFirst ? ['batch', 'time'] : ['time', 'batch']) : idDims;
  inputs.push({ name: 'ids', type: ElementType.int64, dims: declared });
  const states: Record<string, number[]> = {};
  const tied = shape.output === 'tied';
  const last = shape.hiddenSizes.at(-1)!;
  let features = tied ? last : shape.embeddingSize;
  const table = w.floats([vocabSize, features]);
  let x = w.node('Gather', [table, 'ids']);
  if (batchFirst) x = w.node('Transpose', [x], { perm: [1, 0, 2] });
  for (const [layer, hiddenSize] of shape.hiddenSizes.entries()) {
    const rows = GATES[shape.cell] * hiddenSize;
    const weights = [w.floats([1, rows, features]), w.floats([1, rows, hiddenSize])];
    const bias = shape.bias ? w.floats([1, 2 * rows]) : '';
    const initial = (shape.cell === 'LSTM' ? ['h', 'c'] : ['h']).map((state) =>
      initialState(w, shape, x, hiddenSize, `${state}${layer}`, inputs, states),
    );
    const reset: Record<string, OnnxAttribute> =
      shape.cell === 'GRU' ? { linear_before_reset: shape.resetAfter ? 1 : 0 } : {};
    const y = w.node(shape.cell, [x, ...weights, bias, '', ...initial], { hidden_size: hiddenSize, ...reset });
    x = withoutDirections(w, y, shape.directions, hiddenSize);
    if (shape.dropout) x = w.node('Dropout', [x]);
    features = hiddenSize;
  }
  if (batchFirst) x = w.node('Transpose', [x], { perm: [1, 0, 2] });
  let rank = 3;
  if (shape.output === 'gemm' || shape.output === 'gemm transposed') {
    const transB = shape.output === 'gemm transposed' ? 1 : 0;
    x = w.node('Reshape', [x, w.integers([-1, features])]);
    x = w.node('Gemm', [x, w.floats(transB ? [vocabSize, last] : [last, vocabSize]), w.floats([vocabSize])], {
      transB,
    });
    rank = 2;
  } else {
    const weight = tied ? w.node('Transpose', [table], { perm: [1, 0] }) : w.floats([last, vocabSize]);
    x = w.node('MatMul', [x, weight]);
    if (shape.bias) x = w.node('Add', [w.floats([vocabSize]), x]);
  }
  if (shape.ending !== 'logits') x = w.node(shape.ending === 'softmax' ? 'Softmax' : 'LogSoftmax', [x], { axis: -1 });
  return { model: w.finish(inputs, x, rank), ids: w.ids(steps, vocabSize), idDims, states };
}

function initialState(
  w: ModelWriter,
  { initial, dynamic }: RecurrentShape,
  x: string,
  hiddenSize: number,
  name: string,
  inputs: OnnxValue[],
  states: Record<string, number[]>,
): string {
  switch (initial) {
    case 'none':
      return '';
    case 'constant':
      return w.floats([1, 1, hiddenSize], () => 0);
    case 'shape': {
      const batch = w.node('Slice', [w.node('Shape', [x]), w.integers([1]), w.integers([2])]);
      const dims = w.node('Concat', [w.integers([1]), batch, w.integers([hiddenSize])], { axis: 0 });
      return w.node('Expand', [w.floats([1, 1, 1], () => 0), dims]);
    }
    case 'input':
      inputs.push({ name, type: ElementType.float, dims: [1, dynamic ? 'batch' : 1, hiddenSize] });
      states[name] = new Array<number>(hiddenSize).fill(0);
      return name;
  }
}

function withoutDirections(w: ModelWriter, y: string, how: RecurrentShape['directions'], hiddenSize: number): string {
  if (how === 'squeeze') return w.node('Squeeze', [y, w.integers([1])]);
  if (how === 'reshape') return w.node('Reshape', [y, w.integers([0, -1, hiddenSize])]);
  const turned = w.node('Transpose', [y], { perm: [0, 2, 1, 3] });
  return w.node('Reshape', [turned, w.integers([0, 0, -1])]);
}

export function writeCnn(shape: CnnShape): RandomModel {
  const { vocabSize, channels, filters, labels } = shape;
  const w = new ModelWriter(shape.seed);
  // Of an axis of length 1 nobody can say whether it is time: a fixed length is 2 at least.
  const steps = Math.max(2, Math.max(...shape.widths) + shape.more);
  // Only a model of fixed length can pool with a window.
  const fixed = shape.pool === 'MaxPool';
  const norm = (x: string, features: number): string => {
    const some = () => w.floats([features]);
    return w.node('BatchNormalization', [x, some(), some(), some(), w.floats([features], (v) => v + 1.5)]);
  };
  let embedded = w.node('Transpose', [w.node('Gather', [w.floats([vocabSize, channels]), 'ids'])], { perm: [0, 2, 1] });
  if (shape.norm === 'embedding') embedded = norm(embedded, channels);
  let x = embedded; // [batch, channels, time]
  if (shape.form === '2d') x = w.node('Unsqueeze', [w.node('Transpose', [x], { perm: [0, 2, 1] }), w.integers([1])]);
  if (shape.form === '2d transposed') x = w.node('Unsqueeze', [x, w.integers([1])]);
  const pooled = shape.widths.map((width) => {
    const kernel = { '1d': [width], '2d': [width, channels], '2d transposed': [channels, width] }[shape.form];
    const dims = shape.form === '1d' ? [filters, channels, width] : [filters, 1, ...kernel];
    let y = w.node('Conv', [x, w.floats(dims), ...(shape.bias ? [w.floats([filters])] : [])], { kernel_shape: kernel });
    if (shape.norm === 'convolution') y = norm(y, filters);
    if (shape.relu === 'before') y = w.node('Relu', [y]);
    y = pool(w, y, shape, steps - width + 1);
    return shape.relu === 'after' ? w.node('Relu', [y]) : y;
  });
  let y = w.node('Concat', pooled, { axis: -1 });
  let features = filters * shape.widths.length;
  if (shape.norm === 'concat') y = norm(y, features);
  if (shape.hidden) {
    y = w.node('Relu', [w.node('Gemm', [y, w.floats([features, 6]), w.floats([6])])]);
    features = 6;
  }
  const transB = shape.transB ? 1 : 0;
  const weight = w.floats(transB ? [labels, features] : [features, labels]);
  const factors = { alpha: { float: shape.alpha }, beta: { float: shape.beta }, transB };
  y = w.node('Gemm', [y, weight, ...(shape.bias ? [w.floats([labels])] : [])], factors);
  if (shape.norm === 'output') y = norm(y, labels);
  if (shape.softmax) y = w.node('Softmax', [y], { axis: 1 });
  const inputs = [{ name: 'ids', type: ElementType.int64, dims: ['batch', fixed ? steps : 'time'] }];
  return { model: w.finish(inputs, y, 2), ids: w.ids(steps, vocabSize), idDims: [1, steps], states: {} };
}

/** [batch, filters, steps] or a form of it with a fourth axis of size 1 → [batch, filters] */
function pool(w: ModelWriter, x: string, { pool: op, form }: CnnShape, steps: number): string {
  const spatial = { '1d': [2], '2d': [2, 3], '2d transposed': [2, 3] }[form];
  if (op === 'ReduceMax') return w.node('ReduceMax', [x], { axes: spatial, keepdims: 0 });
  const kernel = { '1d': [steps], '2d': [steps, 1], '2d transposed': [1, steps] }[form];
  const y = w.node(op, [x], op === 'MaxPool' ? { kernel_shape: kernel } : {});
  return form === '1d' ? w.node('Squeeze', [y, w.integers([2])]) : w.node('Flatten', [y]);
}
