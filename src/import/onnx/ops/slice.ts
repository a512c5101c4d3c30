/** Slice: a range of each axis, of constants, shapes and activations. */
import type { GraphBuilder } from '../builder.js';
import { slice as sliceTensor } from '../constants.js';
import { axisOf, type OnnxNode } from '../node.js';
import { isFeatures, sizeOf, type Activation, type Value } from '../values.js';
import type { Op } from './op.js';
import { pick, takesPart } from './select.js';

/** Beyond every size. */
const ALL = 2 ** 31 - 1;

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

export const slice: Op = (node, graph) => {
  const value = node.input(0);
  if (value.kind === 'fill' || value.kind === 'state') return [value];
  const starts = node.integers(1, 'starts');
  const ends = node.integers(2, 'ends');
  if (!starts || !ends || starts.length !== ends.length) throw node.bad('its starts and ends do not match');
  const axes = node.integers(3, 'axes') ?? starts.map((_, i) => i);
  const steps = node.optionalConstant(4)?.data ?? starts.map(() => 1);
  if (axes.length !== starts.length || steps.length !== starts.length) throw node.bad('its axes or steps do not match');
  const ranges = starts.map((start, i): Range => ({ start, end: ends[i]!, step: steps[i]! }));
  if (value.kind === 'shape') {
    if (!value.dims || ranges.length !== 1) return [{ kind: 'shape', dims: undefined }];
    return [{ kind: 'shape', dims: within(node, value.dims.length, ranges[0]!).map((i) => value.dims![i]!) }];
  }
  if (value.kind === 'constant') {
    const whole = value.tensor.dims.map((count) => ({ start: 0, step: 1, count }));
    axes.forEach((axis, i) => {
      const at = axisOf(node, axis, whole.length);
      const { length } = within(node, value.tensor.dims[at]!, ranges[i]!);
      const [start = 0] = within(node, value.tensor.dims[at]!, ranges[i]!);
      whole[at] = { start, step: ranges[i]!.step, count: length };
    });
    return [{ kind: 'constant', tensor: sliceTensor(value.tensor, whole) }];
  }
  return [
    axes.reduce<Value>((part, axis, i) => {
      if (part.kind !== 'activation' && part.kind !== 'tokens') throw takesPart(node, part);
      return ofAxis(node, graph, part, axisOf(node, axis, part.axes.length), ranges[i]!);
    }, value),
  ];
};

function ofAxis<T extends Extract<Value, { axes: unknown }>>(
  node: OnnxNode,
  graph: GraphBuilder,
  value: T,
  axis: number,
  { start, end, step }: Range,
): T | Activation {
  const size = sizeOf(value.axes[axis]!);
  if (start === 0 && end >= (size ?? ALL) && step === 1) return value;
  if (value.kind === 'tokens') throw takesPart(node, value);
  const moves = !isFeatures(value.axes[axis]);
  if (size === undefined) {
    if (step === 1 && start === 0 && end === 1) return pick(node, graph, value, axis, [0], true);
    if (step === 1 && start === -1 && end >= ALL) return pick(node, graph, value, axis, [-1], true);
    if (step !== 1 || start < 0 || (end > 0 && end < ALL)) throw takesPart(node, value);
    return cropped(node, graph, value, axis, start, end < 0 ? -end : 0);
  }
  const picked = within(node, size, { start, end, step });
  if (!moves || picked.length <= 1 || step !== 1) return pick(node, graph, value, axis, picked, true);
  return cropped(node, graph, value, axis, picked[0]!, size - 1 - picked.at(-1)!);
}

/** Steps that the padding of a convolution made, cut off again: causal convolutions are written so. */
function cropped(node: OnnxNode, graph: GraphBuilder, input: Activation, axis: number, begin: number, end: number) {
  const maker = graph.maker(input);
  const [atom] = input.axes[axis]!;
  const isTime = atom !== undefined && input.axes[axis]!.length === 1 && graph.timeAxis.roleOf(atom) === 'time';
  if (maker?.op !== 'conv' || !input.time || !isTime) throw takesPart(node, input);
  const padBegin = maker.padBegin[0] - begin * maker.stride[0];
  const padEnd = maker.padEnd[0] - end * maker.stride[0];
  if (padBegin < 0 || padEnd < 0) throw takesPart(node, input);
  graph.change({ ...maker, padBegin: [padBegin, maker.padBegin[1]], padEnd: [padEnd, maker.padEnd[1]] });
  const time = { ...input.time, offset: input.time.offset - (begin + end) * input.time.divisor };
  return { ...input, time, axes: input.axes.map((old, i) => (i === axis ? graph.timeAxis.axisOf(time) : old)) };
}

/** Positions in an axis of known size. */
function within(node: OnnxNode, size: number, { start, end, step }: Range): number[] {
  if (!Number.isInteger(step) || step === 0) throw node.bad(`step ${step}`);
  const clamp = (at: number, low: number, high: number) => Math.min(Math.max(at < 0 ? at + size : at, low), high);
  const from = step > 0 ? clamp(start, 0, size) : clamp(start, 0, size - 1);
  const to = step > 0 ? clamp(end, 0, size) : clamp(end, -1, size - 1);
  const count = Math.max(0, Math.ceil((to - from) / step));
  return Array.from({ length: count }, (_, i) => from + i * step);
}
