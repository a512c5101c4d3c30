/** Linear layers: MatMul and Gemm. */
import type { Weight } from '../../../graph/graph.js';
import { LIMITS } from '../../../schema/image.js';
import { intoReader } from '../affine.js';
import type { GraphBuilder } from '../builder.js';
import { strided, stridesOf, transpose } from '../constants.js';
import { byFeature, reordering, sameOrder } from '../layout.js';
import type { OnnxNode } from '../node.js';
import { count, features, isFeatures, sizeOf, type Activation, type Axis, type Tensor } from '../values.js';
import { UNTOUCHED } from '../windows.js';
import { convolve } from './conv.js';
import type { Op } from './op.js';

type WeightTensor = Tensor & { readonly data: Float32Array };

export const matmul: Op = (node, graph) => {
  if (node.input(0).kind === 'constant')
    throw node.unsupported('weights are its first input', 'multiply activations by weights, as nn.Linear does');
  const weight = transposed(node, node.weights(1));
  return [linear(node, graph, node.activation(0), weight, new Float32Array(weight.dims[0]!))];
};

export const gemm: Op = (node, graph) => {
  const input = node.activation(0);
  if (input.axes.length !== 2) throw node.bad(`its input has rank ${input.axes.length}`);
  const axes = node.int('transA', 0) ? input.axes.toReversed() : input.axes;
  const b = node.weights(1);
  const weight = node.int('transB', 0) ? b : transposed(node, b);
  const [alpha, beta] = [node.float('alpha', 1), node.float('beta', 1)];
  const data = alpha === 1 ? weight.data : weight.data.map((w) => w * alpha);
  const bias = node.inputs[2] ? biasOf(node, weight.dims[0]!) : new Float32Array(weight.dims[0]!);
  const scaled = beta === 1 ? bias : bias.map((v) => v * beta);
  return [linear(node, graph, { ...input, axes }, { ...weight, data }, scaled)];
};

function biasOf(node: OnnxNode, rows: number): Float32Array {
  const { dims, data } = node.weights(2);
  const row = features(rows);
  const bias = byFeature({ axes: [[], row], layout: row }, dims, data);
  if (!bias) throw node.unsupported(`a constant [${dims.join(', ')}] is added`, 'a bias has one number a feature');
  return Float32Array.from(bias);
}

function transposed(node: OnnxNode, { name, dims, data }: WeightTensor): WeightTensor {
  if (dims.length !== 2) throw node.unsupported(`weights of rank ${dims.length}`, 'use a matrix [inputs, outputs]');
  return transpose({ name, dims, data }, [1, 0]) as WeightTensor;
}

/** @param weight [rows, columns] */
function linear(
  node: OnnxNode,
  graph: GraphBuilder,
  input: Activation,
  weight: WeightTensor,
  bias: Float32Array,
): Activation {
  const [rows, columns] = weight.dims as [number, number];
  const axis = input.axes.at(-1) ?? [];
  if (weight.dims.length !== 2 || columns !== sizeOf(axis))
    throw node.bad(`weights [${weight.dims.join(', ')}] for ${sizeOf(axis) ?? 'any number of'} features`);
  if (
    axis.filter(({ of }) => of === 'features').length !== input.layout.length ||
    !input.axes.slice(0, -1).every(isSteps)
  )
    throw node.unsupported(
      'it multiplies along another axis than the features',
      'a linear layer takes [time, batch, features], or [batch, features] after pooling',
    );
  if (columns > LIMITS.max_columns || rows > LIMITS.max_vocab || rows < 1)
    throw node.unsupported(`weights of ${rows} × ${columns}`, `this version supports ${LIMITS.max_columns} columns`);
  if (!isFeatures(axis)) return overSteps(node, graph, input, axis, weight, bias);
  const { name, data } = inOrder(weight, axis, input.layout);
  const plain: Weight = { name, shape: weight.dims, data };
  const layer = intoReader(input.source, { weight: plain, bias, groups: 1 });
  const made = features(rows);
  return graph.layer(
    {
      op: 'linear',
      output: node.name,
      input: graph.readSource(layer.source),
      weight: layer.weight === plain ? graph.tie(plain) : layer.weight,
      bias: { name: `${node.name}.bias`, shape: [rows], data: layer.bias },
      activation: 'none',
    },
    [...input.axes.slice(0, -1), made],
    made,
    input.time,
  );
}

function isSteps(axis: Axis): boolean {
  return axis.every(({ of }) => of !== 'features');
}

/** Columns for features that are in another order than ONNX's. @param weight [rows, columns] */
export function inOrder<T extends WeightTensor>(weight: T, axis: Axis, layout: Axis): T {
  if (sameOrder(axis, layout)) return weight;
  const order = reordering(axis, layout);
  const columns = order.length;
  const data = weight.data.map((_, i, all) => all[i - (i % columns) + order[i % columns]!]!);
  return { ...weight, data };
}

/** Over the features of all steps together, where texts have one length: a convolution with a kernel that long. */
function overSteps(
  node: OnnxNode,
  graph: GraphBuilder,
  input: Activation,
  axis: Axis,
  { name, dims, data }: WeightTensor,
  bias: Float32Array,
): Activation {
  const time = axis.find(({ of }) => of !== 'features')!;
  const steps = stridesOf(axis.map(({ size }) => size!));
  const strideOf = (atom: Axis[number]) => steps[axis.indexOf(atom)]!;
  const shape = [dims[0]!, time.size!, ...input.layout.map(({ size }) => size!)];
  const turned = strided(data, shape, [dims[1]!, strideOf(time), ...input.layout.map(strideOf)]) as Float32Array;
  const weight = { name, shape: [dims[0]!, time.size!, 1, count(input.layout)], data: turned };
  const [batch] = input.axes as [Axis];
  graph.timeAxis.claim(node, [time], 'time');
  const spatial = {
    index: [0, undefined],
    axes: [batch, input.layout, [time]],
    channels: input.layout,
    width: [],
  } as const;
  const windows = [{ ...UNTOUCHED, kernel: time.size! }, UNTOUCHED] as const;
  const made = convolve(node, graph, { ...input, axes: spatial.axes }, spatial, windows, weight, 1, bias);
  return { ...made, axes: made.axes.slice(0, 2) };
}

/** Logits of a classifier as an image wants them, of a linear layer: one of zeros and ones is added to what is none. */
export function asLinear(graph: GraphBuilder, logits: Activation): Activation {
  const input = graph.read(logits);
  const made = graph.node(input);
  if (made.op === 'linear' && made.activation === 'none') return logits;
  const size = logits.source.features;
  const data = Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  const [output, layout] = ['logits', features(size)];
  const weight = { name: `${output}.weight`, shape: [size, size], data };
  const bias = { name: `${output}.bias`, shape: [size], data: new Float32Array(size) };
  return graph.layer(
    { op: 'linear', output, input, weight, bias, activation: 'none' },
    [[], layout],
    layout,
    undefined,
  );
}
