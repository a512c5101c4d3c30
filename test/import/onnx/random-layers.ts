/** Random layers over [1, channels, time] or [1, channels, time, width], attributes and all, written as ONNX nodes. */
import fc from 'fast-check';
import type { OnnxAttribute } from '../../../src/bench/peers/onnx.js';
import { GATES, type ModelWriter } from './random-models.js';

/** What the next layer reads. */
export interface Flow {
  readonly w: ModelWriter;
  /** Texts have any length: what depends on it cannot be used. */
  readonly dynamic: boolean;
  x: string;
  channels: number;
  steps: number;
  /** undefined: no such axis. */
  width: number | undefined;
}

const small = fc.integer({ min: 1, max: 4 });
const pads = fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 3 })));
const two = fc.tuple(small, small);

export const layerShape = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      layer: fc.constant('conv' as const),
      kernel: two,
      stride: two,
      dilation: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 })),
      pads,
      autoPad: fc.constantFrom('NOTSET', 'NOTSET', 'NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'),
      groups: small,
      filters: small,
      bias: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      layer: fc.constant('deconv' as const),
      kernel: two,
      stride: two,
      dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
      pads,
      more: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
      autoPad: fc.constantFrom('NOTSET', 'NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER'),
      groups: small,
      filters: small,
      bias: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      layer: fc.constant('pool' as const),
      op: fc.constantFrom('MaxPool', 'AveragePool', 'LpPool'),
      kernel: two,
      stride: two,
      pads,
      autoPad: fc.constantFrom('NOTSET', 'NOTSET', 'NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'),
      ceil: fc.boolean(),
      countPadding: fc.boolean(),
      order: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ layer: fc.constant('norm' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ layer: fc.constant('activation' as const), op: fc.constantFrom('Relu', 'Tanh', 'Sigmoid') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      layer: fc.constant('constant' as const),
      op: fc.constantFrom('Add', 'Sub', 'Mul', 'Div'),
      by: fc.constantFrom('channel', 'width', 'number'),
      first: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      layer: fc.constant('join' as const),
      op: fc.constantFrom('Add', 'Sub', 'Mul', 'Concat', 'Concat width'),
      with: fc.constantFrom('Tanh', 'Conv', 'BatchNormalization'),
      first: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ layer: fc.constant('pad' as const), pads }) },
  {
    weight: 2,
    arbitrary: fc.record({
      layer: fc.constant('recurrent' as const),
      op: fc.constantFrom('LSTM', 'GRU', 'RNN'),
      direction: fc.constantFrom('forward', 'reverse', 'bidirectional'),
      hiddenSize: small,
      resetAfter: fc.boolean(),
      bias: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ layer: fc.constant('linear' as const), rows: small, op: fc.constantFrom('MatMul', 'Gemm') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      layer: fc.constant('slice' as const),
      op: fc.constantFrom('Slice', 'Split', 'Gather'),
      at: fc.nat(7),
    }),
  },
  { weight: 1, arbitrary: fc.record({ layer: fc.constant('widen' as const), swap: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      layer: fc.constant('reduce' as const),
      op: fc.constantFrom('ReduceMax', 'ReduceMean', 'ReduceL1', 'ReduceL2'),
      over: fc.constantFrom('width', 'channels'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      layer: fc.constant('causal' as const),
      kernel: small,
      dilation: small,
      relu: fc.boolean(),
      begin: fc.boolean(),
    }),
  },
);
export type LayerShape = typeof layerShape extends fc.Arbitrary<infer T> ? T : never;
type Of<L extends LayerShape['layer']> = Extract<LayerShape, { layer: L }>;

/** Writes the layer, or leaves it out (false) where it does not fit what it would read. */
export function writeLayer(flow: Flow, shape: LayerShape): boolean {
  switch (shape.layer) {
    case 'conv':
      return conv(flow, shape);
    case 'deconv':
      return deconv(flow, shape);
    case 'pool':
      return pool(flow, shape);
    case 'norm':
      flow.x = norm(flow);
      return true;
    case 'activation':
      flow.x = flow.w.node(shape.op, [flow.x]);
      return true;
    case 'constant':
      return withConstant(flow, shape);
    case 'join':
      return join(flow, shape);
    case 'pad':
      return pad(flow, shape);
    case 'recurrent':
      return recurrent(flow, shape);
    case 'linear':
      return linear(flow, shape);
    case 'slice':
      return slice(flow, shape);
    case 'widen':
      return widen(flow, shape);
    case 'reduce':
      return reduce(flow, shape);
    case 'causal':
      return causal(flow, shape);
  }
}

/** The spatial sizes, time first. */
function spatial({ steps, width }: Flow): number[] {
  return width === undefined ? [steps] : [steps, width];
}

/** Begins, then ends, of as many dimensions as there are. */
function padsOf(pads: readonly number[], rank: number): number[] {
  return [0, 1].flatMap((end) => pads.slice(2 * end, 2 * end + rank));
}

/** Where texts have one length, one step is all that is left of time: it never becomes several again. */
function resize(flow: Flow, x: string, channels: number, [steps, width]: readonly number[]): boolean {
  if (!flow.dynamic && flow.steps === 1 && steps !== 1) return false;
  Object.assign(flow, { x, channels, steps, width: flow.width === undefined ? undefined : width });
  return true;
}

const LARGEST = 40;
const fine = (sizes: readonly number[]) => sizes.every((n) => n >= 1 && n <= LARGEST);

function conv(flow: Flow, shape: Of<'conv'>): boolean {
  const sizes = spatial(flow);
  const rank = sizes.length;
  const { autoPad } = shape;
  const [kernel, stride, dilation] = [shape.kernel, shape.stride, shape.dilation].map((pair) => pair.slice(0, rank)) as [number[], number[], number[]]; // prettier-ignore
  const same = autoPad.startsWith('SAME');
  if (same && flow.dynamic) stride[0] = 1;
  // ONNX Runtime takes no dilation with it, and no stride beyond the kernel.
  if (same) {
    dilation.fill(1);
    stride.forEach((n, i) => (stride[i] = Math.min(n, kernel[i]!)));
  }
  const pads = autoPad === 'NOTSET' ? padsOf(shape.pads, rank) : new Array<number>(2 * rank).fill(0);
  const out = sizes.map((n, i) =>
    same
      ? Math.ceil(n / stride[i]!)
      : Math.floor((n + pads[i]! + pads[i + rank]! - dilation[i]! * (kernel[i]! - 1) - 1) / stride[i]!) + 1,
  );
  if (!fine(out)) return false;
  const groups = flow.channels % shape.groups === 0 ? shape.groups : 1;
  const filters = groups * shape.filters;
  const weight = flow.w.floats([filters, flow.channels / groups, ...kernel]);
  const attributes = { kernel_shape: kernel, strides: stride, dilations: dilation, group: groups };
  const padding: Record<string, OnnxAttribute> = autoPad === 'NOTSET' ? { pads } : { auto_pad: autoPad };
  const inputs = [flow.x, weight, ...(shape.bias ? [flow.w.floats([filters])] : [])];
  return resize(flow, flow.w.node('Conv', inputs, { ...attributes, ...padding }), filters, out);
}

function deconv(flow: Flow, shape: Of<'deconv'>): boolean {
  const sizes = spatial(flow);
  const rank = sizes.length;
  const [kernel, stride, dilation] = [shape.kernel, shape.stride, shape.dilation].map((pair) => pair.slice(0, rank)) as [number[], number[], number[]]; // prettier-ignore
  const { autoPad } = shape;
  const same = autoPad.startsWith('SAME');
  // ONNX's shape inference and ONNX Runtime differ about both together.
  const more = shape.more.slice(0, rank).map((n, i) => (same ? 0 : Math.min(n, stride[i]! - 1)));
  const reach = kernel.map((n, i) => dilation[i]! * (n - 1));
  // Output cut off beyond the kernel is refused.
  const pads = padsOf(shape.pads, rank).map((n, i) => Math.min(n, reach[i % rank]!));
  if (same && reach.some((n, i) => n + 1 + more[i]! < stride[i]!)) return false;
  const out = sizes.map((n, i) =>
    same ? n * stride[i]! : stride[i]! * (n - 1) + more[i]! + reach[i]! + 1 - pads[i]! - pads[i + rank]!,
  );
  if (!fine(out)) return false;
  const groups = flow.channels % shape.groups === 0 ? shape.groups : 1;
  const weight = flow.w.floats([flow.channels, shape.filters, ...kernel]);
  const attributes = {
    kernel_shape: kernel,
    strides: stride,
    dilations: dilation,
    group: groups,
    output_padding: more,
  };
  const padding: Record<string, OnnxAttribute> = same ? { auto_pad: autoPad } : { pads };
  const filters = groups * shape.filters;
  const inputs = [flow.x, weight, ...(shape.bias ? [flow.w.floats([filters])] : [])];
  return resize(flow, flow.w.node('ConvTranspose', inputs, { ...attributes, ...padding }), filters, out);
}

function pool(flow: Flow, shape: Of<'pool'>): boolean {
  const sizes = spatial(flow);
  const rank = sizes.length;
  const { autoPad, op } = shape;
  const [kernel, stride] = [shape.kernel, shape.stride].map((pair) => pair.slice(0, rank)) as [number[], number[]];
  const same = autoPad.startsWith('SAME');
  if (same && flow.dynamic) stride[0] = 1;
  if (same) stride.forEach((n, i) => (stride[i] = Math.min(n, kernel[i]!)));
  const pads = autoPad === 'NOTSET' ? padsOf(shape.pads, rank).map((n, i) => Math.min(n, kernel[i % rank]! - 1)) : undefined; // prettier-ignore
  let ceil = shape.ceil && pads !== undefined && op !== 'LpPool';
  const padded = (i: number) => sizes[i]! + (pads?.[i] ?? 0) + (pads?.[i + rank] ?? 0);
  // Along dynamic time, where another window begins in the padding depends on the length, which is refused.
  if (ceil && flow.dynamic && pads![rank]! + stride[0]! - 1 >= kernel[0]!) ceil = false;
  // A window that begins beyond the elements there are is left out, but ONNX's shape inference did not always know.
  const beyond = (n: number, i: number) =>
    Math.ceil((padded(i) - kernel[i]!) / stride[i]!) * stride[i]! >= n + pads![i]!;
  if (ceil && sizes.some(beyond)) ceil = false;
  const countPadding = op === 'AveragePool' && shape.countPadding && !ceil;
  const out = sizes.map((n, i) => {
    if (same) return Math.ceil(n / stride[i]!);
    return (ceil ? Math.ceil : Math.floor)((padded(i) - kernel[i]!) / stride[i]!) + 1;
  });
  if (!fine(out) || sizes.some((n, i) => padded(i) < kernel[i]! && n < kernel[i]!)) return false;
  const attributes: Record<string, OnnxAttribute> = { kernel_shape: kernel, strides: stride };
  if (pads) attributes.pads = pads;
  else attributes.auto_pad = autoPad;
  if (ceil) attributes.ceil_mode = 1;
  if (countPadding) attributes.count_include_pad = 1;
  if (op === 'LpPool') attributes.p = shape.order;
  return resize(flow, flow.w.node(op, [flow.x], attributes), flow.channels, out);
}

function norm({ w, x, channels }: Flow): string {
  const some = () => w.floats([channels]);
  return w.node('BatchNormalization', [x, some(), some(), some(), w.floats([channels], (v) => v + 1.5)]);
}

function withConstant(flow: Flow, { op, by, first }: Of<'constant'>): boolean {
  const { w, channels, width } = flow;
  const tail = width === undefined ? [1] : [1, 1];
  const dims = { channel: [channels, ...tail], width: width === undefined ? [1, channels, 1] : [width], number: [] }[
    by
  ];
  const value = w.floats(dims, (v) => (op === 'Div' ? v + 1.5 : v));
  flow.x = w.node(op, first && op !== 'Div' ? [value, flow.x] : [flow.x, value]);
  return true;
}

function join(flow: Flow, shape: Of<'join'>): boolean {
  const { w, channels, x } = flow;
  const unit = flow.width === undefined ? [1] : [1, 1];
  const branch = {
    Tanh: () => w.node('Tanh', [x]),
    Conv: () => w.node('Conv', [x, w.floats([channels, channels, ...unit])]),
    BatchNormalization: () => norm(flow),
  }[shape.with]();
  const inputs = shape.first ? [branch, x] : [x, branch];
  if (!shape.op.startsWith('Concat')) {
    flow.x = w.node(shape.op, inputs);
    return true;
  }
  if (shape.op === 'Concat width' && flow.width !== undefined) {
    flow.x = w.node('Concat', inputs, { axis: 3 });
    flow.width *= 2;
  } else {
    flow.x = w.node('Concat', inputs, { axis: 1 });
    flow.channels *= 2;
  }
  return true;
}

function pad(flow: Flow, shape: Of<'pad'>): boolean {
  const rank = spatial(flow).length;
  const pads = padsOf(shape.pads, rank);
  const whole = [0, 0, ...pads.slice(0, rank), 0, 0, ...pads.slice(rank)];
  const x = flow.w.node('Pad', [flow.x, flow.w.integers(whole)], { mode: 'constant' });
  return resize(flow, x, flow.channels, spatial(flow).map((n, i) => n + pads[i]! + pads[i + rank]!)); // prettier-ignore
}

/** [1, channels, time(, width)] → [1, time, channels(·width)] */
function sequence(flow: Flow): string {
  const { w, x, channels, width } = flow;
  if (width === undefined) return w.node('Transpose', [x], { perm: [0, 2, 1] });
  const turned = w.node('Transpose', [x], { perm: [0, 2, 1, 3] });
  Object.assign(flow, { channels: channels * width, width: undefined });
  return w.node('Reshape', [turned, w.integers([0, 0, channels * width])]);
}

function recurrent(flow: Flow, shape: Of<'recurrent'>): boolean {
  const { w } = flow;
  if (!flow.dynamic && flow.steps === 1) return false;
  const input = w.node('Transpose', [sequence(flow)], { perm: [1, 0, 2] });
  const directions = shape.direction === 'bidirectional' ? 2 : 1;
  const rows = GATES[shape.op] * shape.hiddenSize;
  const weights = [w.floats([directions, rows, flow.channels]), w.floats([directions, rows, shape.hiddenSize])];
  const bias = shape.bias ? w.floats([directions, 2 * rows]) : '';
  const reset: Record<string, OnnxAttribute> =
    shape.op === 'GRU' ? { linear_before_reset: shape.resetAfter ? 1 : 0 } : {};
  const attributes = { hidden_size: shape.hiddenSize, direction: shape.direction, ...reset };
  const y = w.node(shape.op, [input, ...weights, bias], attributes);
  const features = directions * shape.hiddenSize;
  const joined = w.node('Reshape', [w.node('Transpose', [y], { perm: [0, 2, 1, 3] }), w.integers([0, 0, features])]);
  return resize(flow, w.node('Transpose', [joined], { perm: [1, 2, 0] }), features, [flow.steps]);
}

function linear(flow: Flow, { rows, op }: Of<'linear'>): boolean {
  const { w } = flow;
  const x = sequence(flow);
  const weight = w.floats([flow.channels, rows]);
  const y =
    op === 'MatMul'
      ? w.node('MatMul', [x, weight])
      : w.node('Reshape', [
          w.node('Gemm', [w.node('Reshape', [x, w.integers([-1, flow.channels])]), weight, w.floats([rows])]),
          w.integers([1, -1, rows]),
        ]);
  return resize(flow, w.node('Transpose', [y], { perm: [0, 2, 1] }), rows, [flow.steps]);
}

function slice(flow: Flow, { op, at }: Of<'slice'>): boolean {
  const { w, channels } = flow;
  if (channels < 2) return false;
  const start = at % (channels - 1);
  const length = channels - start - (at % 2 === 0 && channels - start > 1 ? 1 : 0);
  if (op === 'Slice')
    flow.x = w.node('Slice', [flow.x, w.integers([start]), w.integers([start + length]), w.integers([1])]); // prettier-ignore
  else if (op === 'Gather')
    flow.x = w.node('Gather', [flow.x, w.integers(Array.from({ length }, (_, i) => start + ((i * 3 + at) % length)))], { axis: 1 }); // prettier-ignore
  else {
    const [one, two] = w.several('Split', [flow.x, w.integers([length, channels - length])], 2, { axis: 1 });
    if (channels === length) return false;
    flow.x = at % 3 === 0 ? one! : w.node('Concat', [two!, one!], { axis: 1 });
    if (at % 3 !== 0) return true;
  }
  flow.channels = length;
  return true;
}

/** [1, channels, time] → [1, a, time, b], features split in two, one way or the other. */
function widen(flow: Flow, { swap }: Of<'widen'>): boolean {
  const { w, channels, width } = flow;
  if (width !== undefined) {
    if (!swap) return false;
    // Channels and width change places.
    flow.x = w.node('Transpose', [flow.x], { perm: [0, 3, 2, 1] });
    Object.assign(flow, { channels: width, width: channels });
    return true;
  }
  const near = channels % 2 === 0 ? 2 : channels % 3 === 0 ? 3 : 1;
  const split = w.node('Reshape', [flow.x, w.integers([1, near, channels / near, -1])]);
  flow.x = w.node('Transpose', [split], { perm: swap ? [0, 2, 3, 1] : [0, 1, 3, 2] });
  Object.assign(flow, swap ? { channels: channels / near, width: near } : { channels: near, width: channels / near });
  return true;
}

function reduce(flow: Flow, { op, over }: Of<'reduce'>): boolean {
  if (over === 'width' && flow.width === undefined) return false;
  flow.x = flow.w.node(op, [flow.x], { axes: [over === 'width' ? 3 : 1], keepdims: 1 });
  if (over === 'width') flow.width = 1;
  else flow.channels = 1;
  return true;
}

/** Padding on both sides, cut off again on one. */
function causal(flow: Flow, { kernel, dilation, relu, begin }: Of<'causal'>): boolean {
  const { w, channels, width } = flow;
  const reach = dilation * (kernel - 1);
  if (reach === 0 || (!flow.dynamic && flow.steps === 1)) return false;
  const rank = width === undefined ? [] : [1];
  const pads = [reach, ...rank.map(() => 0)];
  const attributes = { pads: [...pads, ...pads], dilations: [dilation, ...rank] };
  let y = w.node('Conv', [flow.x, w.floats([channels, channels, kernel, ...rank])], attributes);
  if (relu) y = w.node('Relu', [y]);
  const ends = begin ? [w.integers([reach]), w.integers([2 ** 31])] : [w.integers([0]), w.integers([-reach])];
  flow.x = w.node('Slice', [y, ...ends, w.integers([2])]);
  return true;
}
