/** Operators that take parts by position: Gather (also the embedding), Split. */
import { LIMITS } from '../../../schema/image.js';
import { gather as gatherTensor } from '../constants.js';
import type { GraphBuilder } from '../builder.js';
import { gathered } from '../layout.js';
import { axisOf, describe, type OnnxNode } from '../node.js';
import { last, select } from '../sources.js';
import { count, features, isFeatures, sizeOf, type Activation, type Axis, type Dim, type Value } from '../values.js';
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
  if (data.kind === 'activation') {
    const axis = axisOf(node, node.int('axis', 0), data.axes.length);
    if (index.dims.length > 1) throw takesPart(node, data);
    return [pick(node, graph, node.activation(0), axis, [...index.data], index.dims.length === 1)];
  }
  if (data.kind !== 'constant') throw takesPart(node, data);
  const axis = axisOf(node, node.int('axis', 0), data.tensor.dims.length);
  const wrapped = index.data.map((i) => axisOf(node, i, data.tensor.dims[axis]!));
  return [{ kind: 'constant', tensor: gatherTensor(data.tensor, { ...index, data: wrapped }, axis) }];
};

export const split: Op = (node, graph) => {
  const value = node.input(0);
  if (value.kind === 'fill' || value.kind === 'state') return node.outputs.map(() => value);
  const input = node.activation(0);
  const axis = axisOf(node, node.int('axis', 0), input.axes.length);
  const size = sizeOf(input.axes[axis]!);
  if (size === undefined) throw takesPart(node, input);
  const parts = node.outputs.length;
  const each = Math.ceil(size / parts);
  const sizes = node.integers(1, 'split') ?? node.outputs.map((_, i) => Math.min(each, size - i * each));
  if (sizes.length !== parts || sizes.some((n) => n < 1) || sizes.reduce((sum, n) => sum + n, 0) !== size)
    throw node.bad(`it splits ${size} into [${sizes.join(', ')}]`);
  let at = 0;
  return sizes.map((length) => {
    const indices = Array.from({ length }, (_, i) => at + i);
    at += length;
    return pick(node, graph, { ...input, shared: true }, axis, indices, true);
  });
};

/** Elements of one axis. @param keep whether the axis stays where there is but one */
export function pick(
  node: OnnxNode,
  graph: GraphBuilder,
  input: Activation,
  axis: number,
  picked: readonly number[],
  keep: boolean,
): Activation {
  const old = input.axes[axis]!;
  const size = sizeOf(old);
  const wrapped = picked.map((i) => (size === undefined || i >= 0 ? i : i + size));
  if (size !== undefined && wrapped.some((i) => !(i >= 0 && i < size)))
    throw node.bad(`element ${picked.join(', ')} of ${size}`);
  const all = size === wrapped.length && wrapped.every((i, at) => i === at);
  const replaced = (made: Axis): Axis[] =>
    keep ? input.axes.map((axes, i) => (i === axis ? made : axes)) : input.axes.filter((_, i) => i !== axis);
  if (all) return { ...input, axes: replaced(old) };
  if (wrapped.length === 0 || wrapped.length > LIMITS.max_dim) throw takesPart(node, input);
  if (!isFeatures(old)) return oneStep(node, graph, input, old, wrapped, size, replaced([]));
  const { outer, inner, source } = gathered(input, old, node.name);
  const made = features(wrapped.length);
  const block = count(inner);
  const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
  const blockOf = (start: number) => upTo(block).map((i) => start + i);
  const indices = upTo(count(outer)).flatMap((o) => wrapped.flatMap((i) => blockOf((o * size! + i) * block)));
  return {
    ...input,
    source: select(source, indices, node.name),
    axes: replaced(made),
    layout: [...outer, ...made, ...inner],
  };
}

/** The first or the last step, or the one text of a batch. */
function oneStep(
  node: OnnxNode,
  graph: GraphBuilder,
  input: Activation,
  axis: Axis,
  picked: readonly number[],
  size: number | undefined,
  axes: readonly Axis[],
): Activation {
  const [at] = picked;
  const first = at === 0;
  const final = at === -1 || (size !== undefined && at === size - 1);
  const [atom] = axis;
  if (picked.length !== 1 || axis.length !== 1 || !(first || final)) throw takesPart(node, input);
  if (graph.timeAxis.roleOf(atom!) === 'batch' || !input.time) return { ...input, axes };
  graph.timeAxis.claim(node, axis, 'time');
  const source = last(input.source, first ? 'reverse' : 'forward', node.name);
  return { ...input, source, axes, time: undefined };
}

export function takesPart(node: OnnxNode, value: Value) {
  return node.unsupported(
    `it takes a part of ${describe(value)}`,
    'of steps, only the first, the last or all can be taken',
  );
}
