/** Operators that move or rename axes: Transpose, Squeeze, Unsqueeze, Reshape, Flatten. */
import { product, transpose as transposeTensor } from '../constants.js';
import { axisOf, describe, type OnnxNode } from '../node.js';
import { reshaped } from '../reshape.js';
import { sizeOf, type Activation, type Axis, type Dim, type Tokens, type Value } from '../values.js';
import type { Op } from './op.js';

type LaidOut = Activation | Tokens;

/** States and uniform constants have no layout that matters. */
function relayout(
  node: OnnxNode,
  ofTensor: (dims: readonly number[]) => readonly number[],
  ofAxes: (value: LaidOut) => Partial<Pick<Activation, 'axes' | 'layout'>>,
): readonly Value[] {
  const value = node.input(0);
  switch (value.kind) {
    case 'constant': {
      const dims = ofTensor(value.tensor.dims);
      if (product(dims) !== value.tensor.data.length) throw node.bad(`no way to shape ${describe(value)} so`);
      return [{ kind: 'constant', tensor: { ...value.tensor, dims } }];
    }
    case 'tokens':
    case 'activation':
      return [{ ...value, ...ofAxes(value) }];
    default:
      return [value];
  }
}

export const transpose: Op = (node) => {
  const value = node.input(0);
  const order = (rank: number): readonly number[] => {
    const perm = node.ints('perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
    if (perm.length !== rank || new Set(perm).size !== rank || perm.some((axis) => axis < 0 || axis >= rank))
      throw node.bad(`perm [${perm.join(', ')}] of a value of rank ${rank}`);
    return perm;
  };
  if (value.kind === 'constant')
    return [{ kind: 'constant', tensor: transposeTensor(value.tensor, order(value.tensor.dims.length)) }];
  return relayout(
    node,
    (dims) => dims,
    ({ axes }) => ({ axes: order(axes.length).map((axis) => axes[axis]!) }),
  );
};

export const unsqueeze: Op = (node) => {
  const at = node.integers(1, 'axes');
  if (!at) throw node.bad('it has no axes');
  const insert = <T>(items: readonly T[], unit: T): T[] => {
    const rank = items.length + at.length;
    const where = new Set(at.map((axis) => axisOf(node, axis, rank)));
    const rest = [...items];
    return Array.from({ length: rank }, (_, i) => (where.has(i) ? unit : rest.shift()!));
  };
  return relayout(
    node,
    (dims) => insert(dims, 1),
    ({ axes }) => ({ axes: insert<Axis>(axes, []) }),
  );
};

export const squeeze: Op = (node) => {
  const at = node.integers(1, 'axes');
  const remove = <T>(items: readonly T[], isUnit: (item: T) => boolean, mayBeUnit: (item: T) => boolean): T[] => {
    if (!at) return items.filter((item) => !isUnit(item));
    const where = new Set(at.map((axis) => axisOf(node, axis, items.length)));
    for (const axis of where) if (!mayBeUnit(items[axis]!)) throw node.bad(`axis ${axis} has more than one element`);
    return items.filter((_, axis) => !where.has(axis));
  };
  const one = (size: number | undefined) => size === 1;
  // A batch of dynamic size may be squeezed: there is one text at a time.
  const batch = (axis: Axis) => one(sizeOf(axis)) || axis.every(({ of, size }) => of === 'tokens' && !size);
  if (node.input(0).kind === 'shape') return [node.input(0)];
  return relayout(
    node,
    (dims) => remove(dims, one, one),
    ({ axes }) => ({ axes: remove(axes, (axis) => one(sizeOf(axis)), batch) }),
  );
};

export const reshape: Op = (node) => {
  const keepZero = node.int('allowzero', 0) === 0;
  const target = node.input(1);
  const dims: readonly Dim[] | undefined =
    target.kind === 'constant' ? [...target.tensor.data] : target.kind === 'shape' ? target.dims : undefined;
  return relayout(
    node,
    (from) => {
      if (!dims?.every((dim) => typeof dim === 'number'))
        throw node.unsupported('the shape of a constant is dynamic', 'export the model with constant weights');
      const sizes = dims.map((dim, i) => (dim === 0 && keepZero ? (from[i] ?? 0) : dim));
      const known = product(sizes.filter((n) => n !== -1));
      return sizes.map((n) => (n === -1 ? product(from) / known : n));
    },
    (value) => reshaped(node, value, dims, keepZero),
  );
};

export const flatten: Op = (node) => {
  const split = (rank: number) => {
    const axis = node.int('axis', 1);
    return axis === rank ? rank : axisOf(node, axis, rank);
  };
  return relayout(
    node,
    (dims) => [product(dims.slice(0, split(dims.length))), product(dims.slice(split(dims.length)))],
    (value) => {
      const at = split(value.axes.length);
      return { axes: [value.axes.slice(0, at).flat(), value.axes.slice(at).flat()] };
    },
  );
};
