/** The plumbing of constants: new tensors out of the elements of old ones. Arguments have been checked. */
import type { Tensor } from './values.js';

type Data = Tensor['data'];

function like(data: Data, length: number): Data {
  return data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}

export function product(dims: readonly number[]): number {
  return dims.reduce((n, dim) => n * dim, 1);
}

/** Elements between neighbours along each axis, row-major. */
export function stridesOf(dims: readonly number[]): number[] {
  return dims.map((_, axis) => product(dims.slice(axis + 1)));
}

/** out[i, j, …] = data[base + i · strides[0] + j · strides[1] + …] */
export function strided(data: Data, dims: readonly number[], strides: readonly number[], base = 0): Data {
  const out = like(data, product(dims));
  const at = dims.map(() => 0);
  let from = base;
  for (let i = 0; i < out.length; i++) {
    out[i] = data[from]!;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++at[axis]! < dims[axis]!) break;
      from -= dims[axis]! * strides[axis]!;
      at[axis] = 0;
    }
  }
  return out;
}

export function transpose({ name, dims, data }: Tensor, perm: readonly number[]): Tensor {
  const strides = stridesOf(dims);
  const turned = perm.map((axis) => dims[axis]!);
  return {
    name,
    dims: turned,
    data: strided(
      data,
      turned,
      perm.map((axis) => strides[axis]!),
    ),
  };
}

/** `count` elements of each axis, from `start` in steps of `step`. */
export function slice(tensor: Tensor, ranges: readonly { start: number; step: number; count: number }[]): Tensor {
  const strides = stridesOf(tensor.dims);
  const base = ranges.reduce((sum, { start }, axis) => sum + start * strides[axis]!, 0);
  const dims = ranges.map(({ count }) => count);
  const steps = ranges.map(({ step }, axis) => step * strides[axis]!);
  return { name: tensor.name, dims, data: strided(tensor.data, dims, steps, base) };
}

/** Rows of `axis` by index; the axis is replaced by those of the indices. */
export function gather({ name, dims, data }: Tensor, indices: Tensor, axis: number): Tensor {
  const inner = product(dims.slice(axis + 1));
  const outer = product(dims.slice(0, axis));
  const out = like(data, outer * indices.data.length * inner);
  let at = 0;
  for (let o = 0; o < outer; o++)
    for (const index of indices.data) {
      const from = (o * dims[axis]! + index) * inner;
      out.set(data.subarray(from, from + inner), at);
      at += inner;
    }
  return { name, dims: [...dims.slice(0, axis), ...indices.dims, ...dims.slice(axis + 1)], data: out };
}

export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const { name, dims, data } = tensors[0]!;
  const length = tensors.reduce((n, tensor) => n + tensor.dims[axis]!, 0);
  const whole = dims.map((n, i) => (i === axis ? length : n));
  const out = like(data, product(whole));
  let at = 0;
  for (let o = 0; o < product(dims.slice(0, axis)); o++)
    for (const tensor of tensors) {
      const run = product(tensor.dims.slice(axis));
      out.set(tensor.data.subarray(o * run, (o + 1) * run), at);
      at += run;
    }
  return { name, dims: whole, data: out };
}
