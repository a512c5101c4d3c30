/** Windows over the spatial dimensions of ONNX: which of them is time and which width, strides, padding. */
import type { Pair } from '../../graph/graph.js';
import { TIME, WIDTH } from '../../graph/windows.js';
import type { AxisWindows } from '../../image/time.js';
import { LIMITS } from '../../schema/image.js';
import type { GraphBuilder } from './builder.js';
import { isFeatures, sizeOf, type Activation, type Axis, type Source } from './values.js';
import type { OnnxNode } from './node.js';

export interface Spatial {
  /** Among the spatial dimensions, from 0; undefined if the input does not have it. */
  readonly index: readonly [time: number | undefined, width: number | undefined];
  /** [batch, channels, spatial…] */
  readonly axes: readonly Axis[];
  readonly channels: Axis;
  readonly width: Axis;
}

/** Tells time from width among the dimensions after batch and channels. */
export function findSpatial(node: OnnxNode, graph: GraphBuilder, { axes, time }: Activation): Spatial {
  const rank = axes.length - 2;
  if (rank !== 1 && rank !== 2)
    throw node.unsupported(
      `its input has ${Math.max(0, rank)} dimensions beside batch and channels`,
      'use 1-D or 2-D layers',
    );
  const [batch, channels, ...spatial] = axes as [Axis, Axis, ...Axis[]];
  if (!isFeatures(channels))
    throw node.unsupported('axis 1 of its input is not the channels', 'transpose to [batch, channels, time] before it');
  const steps = spatial.flatMap((axis, i) => (isFeatures(axis) ? [] : [i]));
  if (steps.length > 1)
    throw node.unsupported('two of its dimensions are of the token ids', 'inputs are [batch, channels, time, width]');
  // A model exported for one step has a time axis of size 1, which looks like any other.
  const unit = spatial.findIndex((axis) => axis.length === 0);
  const elsewhere = !time || !isFeatures(batch);
  const index = steps[0] ?? (unit >= 0 && (rank === 2 || !elsewhere) ? unit : undefined);
  if (index === undefined && rank === 2)
    throw node.unsupported('none of its dimensions is time', 'inputs are [batch, channels, time, width]');
  const across = [0, 1].slice(0, rank).find((i) => i !== index);
  if (index !== undefined && (time || spatial[index]!.length > 0)) {
    graph.timeAxis.claim(node, batch, 'batch');
    graph.timeAxis.claim(node, spatial[index], 'time');
  }
  return { index: [index, across], axes, channels, width: across === undefined ? [] : spatial[across]! };
}

/** What a layer does along time and width. */
export type TwoAxes = readonly [time: AxisWindows, width: AxisWindows];

export interface Attributes {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Begins, then ends; undefined: auto_pad says. */
  readonly pads: readonly number[] | undefined;
  readonly autoPad: string;
}

export function readAttributes(node: OnnxNode, rank: number, kernel: readonly number[] | undefined): Attributes {
  const list = (name: string, length: number, fallback: number, least: number): readonly number[] => {
    const values = node.ints(name) ?? [];
    if (values.length === 0) return Array.from({ length }, () => fallback);
    if (values.length !== length || !values.every((n) => Number.isSafeInteger(n) && n >= least))
      throw node.bad(`${name} [${values.join(', ')}] of a ${rank}-dimensional layer`);
    return values;
  };
  const size = kernel ?? list('kernel_shape', rank, 0, 1);
  if (node.has('kernel_shape') && list('kernel_shape', rank, 0, 1).some((n, i) => n !== size[i]))
    throw node.bad(`kernel_shape [${node.ints('kernel_shape')!.join(', ')}] of weights for [${size.join(', ')}]`);
  const autoPad = node.text('auto_pad', 'NOTSET');
  if (!['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'].includes(autoPad)) throw node.bad(`auto_pad is ${autoPad}`);
  const pads = list('pads', 2 * rank, 0, -Infinity);
  if (pads.some((n) => n < 0))
    throw node.unsupported(`pads are ${pads.join(', ')}`, 'cut nothing off: pad by 0 or more');
  return {
    kernel: size,
    stride: list('strides', rank, 1, 1),
    dilation: list('dilations', rank, 1, 1),
    pads: autoPad === 'NOTSET' ? pads : autoPad === 'VALID' ? pads.map(() => 0) : undefined,
    autoPad,
  };
}

/** Along dimension `i`, an input of `size` positions: no upsampling. */
export function alongDimension(
  node: OnnxNode,
  attributes: Attributes,
  i: number,
  size: number | undefined,
): AxisWindows {
  const { kernel, stride, dilation, pads } = attributes;
  const common = { kernel: kernel[i]!, stride: stride[i]!, dilation: dilation[i]!, upsample: 1 };
  if (pads) return { ...common, padBegin: pads[i]!, padEnd: pads[i + kernel.length]! };
  const reach = common.dilation * (common.kernel - 1) + 1;
  if (size === undefined && common.stride > 1)
    throw node.unsupported(
      `auto_pad ${attributes.autoPad} with stride ${common.stride} depends on the length of the text`,
      'give the padding as numbers (pads)',
    );
  // With stride 1 the size cancels out.
  const total = Math.max(0, (Math.ceil((size ?? 1) / common.stride) - 1) * common.stride + reach - (size ?? 1));
  return { ...common, ...shared(total, attributes.autoPad) };
}

/** Padding of both ends; SAME_UPPER puts the odd one at the end. */
export function shared(total: number, autoPad: string): { padBegin: number; padEnd: number } {
  const less = Math.floor(total / 2);
  return autoPad === 'SAME_LOWER' ? { padBegin: total - less, padEnd: less } : { padBegin: less, padEnd: total - less };
}

export const UNTOUCHED: AxisWindows = { kernel: 1, stride: 1, dilation: 1, upsample: 1, padBegin: 0, padEnd: 0 };

/** @param along gives the windows of a dimension */
export function overAxes(
  { index, axes }: Spatial,
  along: (dimension: number, size: number | undefined) => AxisWindows,
): TwoAxes {
  const of = (i: number | undefined) => (i === undefined ? UNTOUCHED : along(i, sizeOf(axes[2 + i]!)));
  return [of(index[TIME]), of(index[WIDTH])];
}

/** With the zeros that a Pad before the layer adds. */
export function padded(windows: TwoAxes, source: Source): TwoAxes {
  if (source.op !== 'pad') return windows;
  const [time, width] = windows.map((axis, i) => ({
    ...axis,
    padBegin: axis.padBegin + source.padBegin[i]!,
    padEnd: axis.padEnd + source.padEnd[i]!,
  })) as [AxisWindows, AxisWindows];
  return [time, width];
}

export function pair(windows: TwoAxes, field: keyof AxisWindows): Pair {
  return [windows[TIME][field], windows[WIDTH][field]];
}

/** @throws LinnetError for what the image format cannot hold */
export function checkWindows(node: OnnxNode, windows: TwoAxes): void {
  for (const [axis, name] of [
    [windows[TIME], 'time'],
    [windows[WIDTH], 'width'],
  ] as const) {
    const limited = {
      kernel: name === 'time' ? axis.kernel : 1,
      stride: axis.stride,
      dilation: axis.dilation,
      upsample: axis.upsample,
    };
    for (const [what, n] of Object.entries(limited))
      if (n > LIMITS.max_width)
        throw node.unsupported(`${what} ${n} along ${name}`, `this version supports a ${what} of ${LIMITS.max_width}`);
    if (axis.padBegin > LIMITS.max_padding || axis.padEnd > LIMITS.max_padding)
      throw node.unsupported('its padding is too wide', `this version pads by ${LIMITS.max_padding} at most`);
  }
}
