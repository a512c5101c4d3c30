/** Concat: of features or channels, of constants, of shapes, of states. */
import { LIMITS } from '../../../schema/image.js';
import { concat as concatTensors } from '../constants.js';
import { featureAtoms, gathered, ordered } from '../layout.js';
import { axisOf, describe, type OnnxNode } from '../node.js';
import { join, select } from '../sources.js';
import { count, features, isFeatures, sizeOf, type Activation } from '../values.js';
import type { Op } from './op.js';

export const concat: Op = (node) => {
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
  if (values.every((value) => value.kind === 'activation'))
    return [ofActivations(node, values.map((_, i) => node.activation(i)))]; // prettier-ignore
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

function ofActivations(node: OnnxNode, values: readonly Activation[]): Activation {
  const [first] = values as [Activation, ...Activation[]];
  const rank = first.axes.length;
  const at = axisOf(node, node.int('axis', 0), rank);
  if (values.some(({ axes }) => axes.length !== rank || !isFeatures(axes[at])))
    throw node.unsupported('it joins along another axis than features', 'join features or channels, not steps');
  const alike = (axis: number) =>
    values.every(({ axes }) => {
      const [a, b] = [axes[axis]!, first.axes[axis]!];
      return isFeatures(a) && isFeatures(b)
        ? count(a) === count(b)
        : a.length === b.length && a.every((x, i) => x === b[i]);
    });
  if (!first.axes.every((_, axis) => axis === at || alike(axis)) || values.some(({ time }) => !time !== !first.time))
    throw node.unsupported('it joins activations of different shapes', 'pad or pool them to one shape');
  if (values.length === 1) return first;
  const total = values.reduce((sum, { source }) => sum + source.features, 0);
  if (total > LIMITS.max_dim)
    throw node.unsupported(`${total} features a step`, `this version supports ${LIMITS.max_dim}`);
  const { parts, outer, inner } = aligned(node, values, at);
  const lengths = values.map(({ axes }) => sizeOf(axes[at]!)!);
  const made = features(lengths.reduce((sum, n) => sum + n, 0));
  const joined = join(parts, node.name);
  const apart =
    count(outer) === 1 ? joined : select(joined, interleaved(lengths, count(outer), count(inner)), node.name);
  return {
    kind: 'activation',
    source: apart,
    axes: first.axes.map((axis, i) => (i === at ? made : axis)),
    layout: [...outer, ...made, ...inner],
    time: first.time,
    shared: false,
    state: values.every(({ state }) => state),
  };
}

/** Parts whose features lie in one order around axis `at`: as they are if they do, else all in ONNX's. */
function aligned(node: OnnxNode, values: readonly Activation[], at: number) {
  const parts = values.map((value) => gathered(value, value.axes[at]!, node.name));
  const widest = parts[values.findIndex(({ axes }) => axes[at]!.length > 0)] ?? parts[0]!;
  const order = (i: number) =>
    [...parts[i]!.outer, ...parts[i]!.inner].map(
      (atom) => `${values[i]!.axes.findIndex((axis) => axis.includes(atom))}: ${atom.size}`,
    );
  const fits = parts.every(
    ({ outer }, i) =>
      order(i).join() === order(parts.indexOf(widest)).join() &&
      (values[i]!.axes[at]!.length === 0 || count(outer) === count(widest.outer)),
  );
  if (fits) return { ...widest, parts: parts.map(({ source }) => source) };
  const { axes } = values[0]!;
  return {
    parts: values.map((value) => ordered(value, featureAtoms(value), node.name)),
    outer: featureAtoms({ axes: axes.slice(0, at) }),
    inner: featureAtoms({ axes: axes.slice(at + 1) }),
  };
}

/** Where, of parts [outer, length, inner] one after another, the elements of [outer, Σ length, inner] are. */
function interleaved(lengths: readonly number[], outer: number, inner: number): number[] {
  const indices: number[] = [];
  for (let o = 0; o < outer; o++) {
    let start = 0;
    for (const length of lengths) {
      for (let i = 0; i < length * inner; i++) indices.push(start + o * length * inner + i);
      start += outer * length * inner;
    }
  }
  return indices;
}
