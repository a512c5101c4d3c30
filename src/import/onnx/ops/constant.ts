/** Constant, ConstantOfShape, Expand and Shape: what initial states are made of. */
import { constant, sizeOf } from '../values.js';
import type { Op } from './op.js';

export const constantNode: Op = (node) => {
  const tensor = node.tensor('value');
  if (tensor) return [{ kind: 'constant', tensor }];
  const scalar = (value: number) => constant(node.name, [], Float64Array.of(value));
  const list = (values: readonly number[]) => constant(node.name, [values.length], Float64Array.from(values));
  if (node.has('value_int')) return [scalar(node.int('value_int', 0))];
  if (node.has('value_float')) return [scalar(node.float('value_float', 0))];
  if (node.has('value_ints')) return [list(node.ints('value_ints')!)];
  throw node.unsupported('constant that is neither a tensor nor integers', 'export the model again');
};

export const constantOfShape: Op = (node) => [{ kind: 'fill', fill: node.tensor('value')?.data[0] ?? 0 }];

export const expand: Op = (node) => {
  const value = node.input(0);
  if (value.kind === 'fill' || value.kind === 'state') return [value];
  const uniform = value.kind === 'constant' && value.tensor.data.every((v) => v === value.tensor.data[0]);
  if (uniform && value.tensor.data.length > 0) return [{ kind: 'fill', fill: value.tensor.data[0]! }];
  throw node.unsupported('only constants of one number can be expanded', 'build initial states with torch.zeros');
};

export const shape: Op = (node) => {
  const value = node.input(0);
  const part = <T>(dims: readonly T[]) =>
    dims.slice(node.int('start', 0), node.has('end') ? node.int('end', 0) : undefined);
  if (value.kind === 'constant') {
    const dims = part(value.tensor.dims);
    return [constant('', [dims.length], Float64Array.from(dims))];
  }
  if (value.kind !== 'activation' && value.kind !== 'tokens') return [{ kind: 'shape', dims: undefined }];
  return [{ kind: 'shape', dims: part(value.axes.map((axis) => sizeOf(axis) ?? axis)) }];
};
