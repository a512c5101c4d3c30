/** Operators that take parts or put them together: Gather (also the embedding), Slice, Split, Concat. */
import { concat as concatTensors, gather as gatherTensor, slice as sliceTensor } from '../constants.js';
import type { GraphBuilder } from '../builder.js';
import { axisOf, describe, type OnnxNode } from '../node.js';
import { isFeatures, sizeOf, type Activation, type Dim, type Value } from '../values.js';
import { LIMITS } from '../../../schema/image.js';
import { embedding } from './embedding.js';
import type { Op } from './op.js';

export const gather: Op = (node, graph) => {
  const data = node.input(0);
  const indices = node.input(1);
  if (indices.kind === 'tokens') return [embedding(node, graph, indices)];
  if (data.kind === 'fill' || data.kind === 'state') return [data];
  const index = node.constant(1);
  if (data.kind === 'shape') {
    const picked = [...index.data].map((i) => data.dims?.at(i));
    return [{ kind: 'shape', dims: picked.every((dim) => dim !== undefined) ? (picked as Dim[]) : undefined }];
  }
  if (data.kind !== 'constant') throw takesPart(node, data);
  const axis = axisOf(node, node.int('axis', 0), data.tensor.dims.length);
  const wrapped = index.data.map((i) => axisOf(node, i, data.tensor.dims[axis]!));
  return [{ kind: 'constant', tensor: gatherTensor(data.tensor, { ...index, data: wrapped }, axis) }];
};

export const slice: Op = (node) => {
  const value = node.input(0);
  if (value.kind === 'fill' || value.kind === 'state') return [value];
  const starts = node.integers(1, 'starts');
  const ends = node.integers(2, 'ends');
  if (!starts || !ends || starts.length !== ends.length) throw node.bad('its starts and ends do not match');
  const axes = node.integers(3, 'axes') ?? starts.map((_, i) => i);
  const steps = node.optionalConstant(4)?.data ?? starts.map(() => 1);
  if (axes.length !== starts.length || steps.length !== starts.length) throw node.bad('its axes or steps do not match');
  const cut = (size: number, i: number) => range(node, size, starts[i]!, ends[i]!, steps[i]!);
  if (value.kind === 'shape') {
    if (!value.dims || starts.length !== 1) return [{ kind: 'shape', dims: undefined }];
    const { start, step, count } = cut(value.dims.length, 0);
    return [{ kind: 'shape', dims: Array.from({ length: count }, (_, i) => value.dims![start + i * step]!) }];
  }
  if (value.kind === 'constant') {
    const whole = value.tensor.dims.map((count) => ({ start: 0, step: 1, count }));
    axes.forEach((axis, i) => {
      const at = axisOf(node, axis, whole.length);
      whole[at] = cut(value.tensor.dims[at]!, i);
    });
    return [{ kind: 'constant', tensor: sliceTensor(value.tensor, whole) }];
  }
  const shrink = value.kind === 'activation' ? value.shrink : 0;
  const everything = axes.every((axis, i) => {
    const size = sizeOf(value.axes[axisOf(node, axis, value.axes.length)]!, shrink) ?? 2 ** 31 - 1;
    return starts[i] === 0 && ends[i]! >= size && steps[i] === 1;
  });
  if (!everything) throw takesPart(node, value);
  return [value];
};

function range(node: OnnxNode, size: number, start: number, end: number, step: number) {
  if (!Number.isInteger(step) || step === 0) throw node.bad(`step ${step}`);
  const clamp = (at: number, low: number, high: number) => Math.min(Math.max(at < 0 ? at + size : at, low), high);
  const from = step > 0 ? clamp(start, 0, size) : clamp(start, 0, size - 1);
  const to = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1);
  return { start: from, step, count: Math.max(0, Math.ceil((to - from) / step)) };
}

export const split: Op = (node) => {
  const value = node.input(0);
  if (value.kind === 'fill' || value.kind === 'state') return node.outputs.map(() => value);
  throw takesPart(node, value);
};

function takesPart(node: OnnxNode, value: Value) {
  return node.unsupported(
    `it takes a part of ${describe(value)}`,
    'this version takes whole values only: every step, every feature',
  );
}

export const concat: Op = (node, graph) => {
  const values = node.inputs.map((_, i) => node.input(i));
  const [first] = values;
  if (!first) throw node.bad('it has no inputs');
  if (values.every((value) => value.kind === 'constant')) {
    const tensors = values.map(({ tensor }) => tensor);
    const { dims } = tensors[0]!;
    const axis = axisOf(node, node.int('axis', 0), dims.length);
    const fits = (other: readonly number[]) =>
      other.length === dims.length && other.every((n, i) => i === axis || n === dims[i]);
    if (!tensors.every((tensor) => fits(tensor.dims))) throw node.bad('the shapes of its inputs differ');
    return [{ kind: 'constant', tensor: concatTensors(tensors, axis) }];
  }
  if (values.every((value) => value.kind === 'activation')) return [concatFeatures(node, graph, values)];
  if (values.every((value) => value.kind === 'shape' || value.kind === 'constant')) {
    const dims = values.map((value) => (value.kind === 'shape' ? value.dims : [...value.tensor.data]));
    return [{ kind: 'shape', dims: dims.every((part) => part !== undefined) ? dims.flat() : undefined }];
  }
  if (values.every((value) => value.kind === 'fill' && value.fill === (first as { fill?: number }).fill))
    return [first];
  if (values.every((value) => value.kind === 'state' || value.kind === 'fill'))
    return [values.find((value) => value.kind === 'state')!];
  throw node.unsupported(`it joins ${values.map(describe).join(' and ')}`, 'only outputs of layers can be joined');
};

/** [batch, features] of pooled branches, side by side. */
function concatFeatures(node: OnnxNode, graph: GraphBuilder, values: readonly Activation[]): Activation {
  const { axes } = values[0]!;
  const axis = axisOf(node, node.int('axis', 0), axes.length);
  if (values.some((value) => value.axes.length !== axes.length || !isFeatures(value.axes[axis])))
    throw node.unsupported('it joins along another axis than the features', 'join features (axis 1 after pooling)');
  if (values.length === 1) return values[0]!;
  if (values.some(({ overTime }) => overTime))
    throw node.unsupported('it joins sequences', 'this version joins pooled branches: max over time comes before');
  if (values.length > LIMITS.max_concat_inputs)
    throw node.unsupported(`${values.length} branches`, `this version supports ${LIMITS.max_concat_inputs}`);
  const features = values.reduce((sum, value) => sum + value.features, 0);
  return graph.add(
    { op: 'concat', output: node.name, inputs: values.map((value) => graph.read(node, value)) },
    {
      axes: axes.map((old, i) => (i === axis ? [{ of: 'features', size: features }] : old)),
      features,
      overTime: false,
      shrink: 0,
    },
  );
}
