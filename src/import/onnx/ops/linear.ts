/** Linear layers: MatMul, Gemm, and the Add of a bias. */
import type { Weight } from '../../../graph/graph.js';
import { LIMITS } from '../../../schema/image.js';
import type { GraphBuilder } from '../builder.js';
import { transpose } from '../constants.js';
import type { OnnxNode } from '../node.js';
import { isFeatures, type Activation, type Tensor } from '../values.js';
import type { Op } from './op.js';
import { shapeArithmetic } from './constant.js';

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
  const rows = weight.dims[0]!;
  const bias = node.inputs[2] ? perFeature(node, node.weights(2), 1, 2, rows) : new Float32Array(rows);
  return [
    linear(
      node,
      graph,
      { ...input, axes },
      { ...weight, data: alpha === 1 ? weight.data : weight.data.map((w) => w * alpha) },
      beta === 1 ? bias : bias.map((v) => v * beta),
    ),
  ];
};

/** A bias; sums of activations are not supported. */
export const add: Op = (node, graph) => {
  const [a, b] = [node.input(0), node.input(1)];
  const at = a.kind === 'activation' ? 0 : 1;
  if (!(node.input(at).kind === 'activation' && node.input(1 - at).kind === 'constant')) {
    if (a.kind === 'activation' && b.kind === 'activation')
      throw node.unsupported('it adds two activations', 'this version has no residual connections');
    return shapeArithmetic(node, graph);
  }
  const input = node.activation(at);
  const maker = graph.maker(input);
  const biased = maker.op === 'linear' || maker.op === 'conv1d';
  if (!biased || maker.activation !== 'none' || input.affine || !graph.changeable(input))
    throw node.unsupported('a constant is added', 'only as the bias of a linear layer or convolution before it');
  const feature = input.axes.findIndex(isFeatures);
  const addend = perFeature(node, node.weights(1 - at), feature, input.axes.length, input.features);
  const data = maker.bias.data.map((v, i) => v + addend[i]!);
  return [graph.change(node, input, { ...maker, bias: { ...maker.bias, data } })];
};

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
  if (!isFeatures(input.axes.at(-1)))
    throw node.unsupported(
      'it multiplies along another axis than the features',
      'a linear layer takes [time, batch, features], or [batch, features] after max over time',
    );
  if (weight.dims.length !== 2 || columns !== input.features)
    throw node.bad(`weights [${weight.dims.join(', ')}] for ${input.features} features`);
  if (columns > LIMITS.max_columns || rows > LIMITS.max_vocab || rows < 1)
    throw node.unsupported(`weights of ${rows} × ${columns}`, `this version supports ${LIMITS.max_columns} columns`);
  const output = {
    axes: [...input.axes.slice(0, -1), [{ of: 'features' as const, size: rows }]],
    features: rows,
    overTime: input.overTime,
    shrink: input.shrink,
  };
  const source = graph.readScaled(node, input);
  const plain: Weight = { name: weight.name, shape: weight.dims, data: weight.data };
  const folded = input.affine ? foldInput(plain, bias, input.affine, 1) : { weight: graph.tie(plain), bias };
  const biasWeight = { name: `${node.name}.bias`, shape: [rows], data: folded.bias };
  return graph.add(
    { op: 'linear', output: node.name, input: source, weight: folded.weight, bias: biasWeight, activation: 'none' },
    output,
  );
}

/**
 * W · (scale · x + offset) + b as one matrix and one bias.
 *
 * @param weight [rows, …, features]
 * @param windows steps a row covers
 */
export function foldInput(
  weight: Weight,
  bias: Float32Array,
  { scale, offset }: NonNullable<Activation['affine']>,
  windows: number,
): { weight: Weight; bias: Float32Array } {
  const features = scale.length;
  const columns = windows * features;
  const data = weight.data.map((w, i) => w * scale[i % features]!);
  const sums = bias.map((b, row) => {
    let sum = b;
    for (let i = 0; i < columns; i++) sum += weight.data[row * columns + i]! * offset[i % features]!;
    return sum;
  });
  return { weight: { ...weight, data }, bias: sums };
}

/** A constant that broadcasts over every axis but the features: one number a feature. */
function perFeature(
  node: OnnxNode,
  { dims, data }: WeightTensor,
  feature: number,
  rank: number,
  features: number,
): Float32Array {
  const alongFeatures = dims[dims.length - (rank - feature)] ?? 1;
  const fits = dims.length <= rank && data.length === alongFeatures;
  if (!fits || (alongFeatures !== features && alongFeatures !== 1))
    throw node.unsupported(`a constant [${dims.join(', ')}] is added`, 'a bias has one number a feature');
  return alongFeatures === features ? data : new Float32Array(features).fill(data[0]!);
}
