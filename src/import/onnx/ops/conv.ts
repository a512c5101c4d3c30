/** Conv and ConvTranspose, 1-D and 2-D, over time and width. */
import type { Weight } from '../../../graph/graph.js';
import { TIME, WIDTH } from '../../../graph/windows.js';
import { positionsOf, sameTime, type AxisWindows } from '../../../image/time.js';
import { LIMITS } from '../../../schema/image.js';
import { intoReader } from '../affine.js';
import type { GraphBuilder } from '../builder.js';
import { strided, stridesOf } from '../constants.js';
import { ordered } from '../layout.js';
import type { OnnxNode } from '../node.js';
import { count, features, isFeatures, sizeOf, type Activation, type Tensor } from '../values.js';
import { alongDimension, checkWindows, findSpatial, overAxes, padded, pair, readAttributes, shared, type Attributes, type Spatial, type TwoAxes } from '../windows.js'; // prettier-ignore
import type { Op } from './op.js';

export const conv: Op = (node, graph) => {
  const { input, w, groups, spatial, attributes } = read(node, graph);
  const filters = w.dims[0]!;
  checkChannels(node, w, spatial, w.dims[1]! * groups, filters, groups);
  const windows = overAxes(spatial, (i, size) => alongDimension(node, attributes, i, size));
  const steps = stridesOf(w.dims);
  const [time, width] = spatial.index.map((i) => (i === undefined ? undefined : i + 2));
  const axes = [0, time, width, 1];
  const shape = axes.map((axis) => (axis === undefined ? 1 : w.dims[axis]!));
  const strides = axes.map((axis) => (axis === undefined ? 0 : steps[axis]!));
  const data = strided(w.data, shape, strides) as Float32Array;
  return [convolve(node, graph, input, spatial, windows, { name: w.name, shape, data }, groups, biasOf(node, filters))];
};

/** As a convolution over the input spread out by the stride, with the kernel turned round. */
export const convTranspose: Op = (node, graph) => {
  const { input, w, groups, spatial, attributes } = read(node, graph);
  const filters = w.dims[1]! * groups;
  checkChannels(node, w, spatial, w.dims[0]!, filters, groups);
  const windows = overAxes(spatial, (i, size) => transposedAlong(node, attributes, i, size));
  const steps = stridesOf(w.dims);
  const at = (axis: number | undefined) =>
    axis === undefined ? { size: 1, step: 0 } : { size: w.dims[axis + 2]!, step: steps[axis + 2]! };
  const [time, width] = [at(spatial.index[TIME]), at(spatial.index[WIDTH])];
  const [perGroup, inputs] = [w.dims[1]!, w.dims[0]! / groups];
  // [groups, filters / groups, time, width, channels / groups] out of [channels, filters / groups, …].
  const shape = [groups, perGroup, time.size, width.size, inputs];
  const strides = [inputs * steps[0]!, steps[1]!, -time.step, -width.step, steps[0]!];
  const last = (time.size - 1) * time.step + (width.size - 1) * width.step;
  const data = strided(w.data, shape, strides, last) as Float32Array;
  const weight = { name: w.name, shape: [filters, ...shape.slice(2)], data };
  return [convolve(node, graph, input, spatial, windows, weight, groups, biasOf(node, filters))];
};

function read(node: OnnxNode, graph: GraphBuilder) {
  const input = node.activation(0);
  const w = node.weights(1);
  if (input.axes.length !== w.dims.length)
    throw node.bad(`input of rank ${input.axes.length}, weights of rank ${w.dims.length}`);
  const groups = node.int('group', 1);
  if (!Number.isSafeInteger(groups) || groups < 1) throw node.bad(`group is ${groups}`);
  const spatial = findSpatial(node, graph, input);
  const attributes = readAttributes(node, w.dims.length - 2, w.dims.slice(2));
  return { input, w, groups, spatial, attributes };
}

function biasOf(node: OnnxNode, filters: number): Float32Array {
  const bias = node.inputs[2] ? node.weights(2).data : new Float32Array(filters);
  if (bias.length !== filters) throw node.bad(`${bias.length} biases for ${filters} filters`);
  return bias;
}

function checkChannels(
  node: OnnxNode,
  w: Tensor,
  { channels }: Spatial,
  expected: number,
  filters: number,
  groups: number,
): void {
  const here = count(channels);
  if (expected !== here) throw node.bad(`weights [${w.dims.join(', ')}] and group ${groups} for ${here} channels`);
  if (here % groups !== 0 || filters % groups !== 0)
    throw node.bad(`${here} channels and ${filters} filters in ${groups} groups`);
}

function transposedAlong(node: OnnxNode, attributes: Attributes, i: number, size: number | undefined): AxisWindows {
  const [kernel, stride, dilation] = [attributes.kernel[i]!, attributes.stride[i]!, attributes.dilation[i]!];
  const reach = dilation * (kernel - 1);
  const more = node.ints('output_padding')?.[i] ?? 0;
  if (!Number.isSafeInteger(more) || more < 0) throw node.bad(`output_padding is ${more}`);
  const target = node.ints('output_shape')?.at(i - attributes.kernel.length);
  let [begin, end] = attributes.pads ? [attributes.pads[i]!, attributes.pads[i + attributes.kernel.length]!] : [0, 0];
  if (target !== undefined || !attributes.pads) {
    if (target !== undefined && size === undefined)
      throw node.unsupported('output_shape where the input has any length', 'give the padding as numbers (pads)');
    const total = target === undefined ? reach + 1 + more - stride : stride * (size! - 1) + more + reach + 1 - target;
    const split = shared(Math.max(0, total), attributes.autoPad);
    [begin, end] = [split.padBegin, split.padEnd];
  }
  if (begin > reach || end > reach + more)
    throw node.unsupported(
      `it pads by ${Math.max(begin, end)}, beyond its kernel`,
      'cut the output no further than that',
    );
  return { kernel, stride: 1, dilation, upsample: stride, padBegin: reach - begin, padEnd: reach - end + more };
}

/** @param weight [filters, kernel over time, kernel over width, channels / groups] */
export function convolve(
  node: OnnxNode,
  graph: GraphBuilder,
  input: Activation,
  spatial: Spatial,
  own: TwoAxes,
  weight: Weight,
  groups: number,
  bias: Float32Array,
): Activation {
  const [filters, ...window] = weight.shape as [number, number, number, number];
  const columns = window.reduce((n, size) => n * size, 1);
  if (columns > LIMITS.max_columns || filters > LIMITS.max_columns || columns < 1 || filters < 1)
    throw node.unsupported(
      `${filters} filters of ${columns} terms`,
      `this version supports ${LIMITS.max_columns} of either`,
    );
  let source = ordered(input, [...spatial.width, ...spatial.channels], node.name);
  let windows = own;
  const across = pair(own, 'upsample').every((n) => n === 1);
  const sameView =
    source.op === 'pad' && (source.channels === count(spatial.channels) || source.padBegin[1] + source.padEnd[1] === 0);
  if (source.op === 'pad' && across && sameView) {
    windows = padded(own, source);
    source = source.source;
  }
  checkWindows(node, windows);
  const [time, positions] = sizesAfter(node, graph, input, spatial, own);
  const [stride, dilation, upsample] = [pair(windows, 'stride'), pair(windows, 'dilation'), pair(windows, 'upsample')];
  const [padBegin, padEnd] = [pair(windows, 'padBegin'), pair(windows, 'padEnd')];
  const bare = across && [...padBegin, ...padEnd].every((n) => n === 0);
  // A window over all of the width, as in Kim (2014), is one over channels.
  const whole = bare && groups === 1 && window[1] === count(spatial.width) && dilation[1] === 1;
  const shape = whole ? [filters, window[0], 1, window[1] * window[2]] : weight.shape;
  const plain = { weight: { ...weight, shape }, bias, groups };
  const layer = bare ? intoReader(source, plain) : { ...plain, source };
  return graph.layer(
    {
      op: 'conv',
      output: node.name,
      input: graph.readSource(layer.source),
      weight: layer.weight,
      bias: { name: `${node.name}.bias`, shape: [filters], data: layer.bias },
      groups,
      stride: whole ? [stride[0], 1] : stride,
      dilation,
      upsample,
      padBegin,
      padEnd,
      activation: 'none',
    },
    ...laidOut(graph, input, spatial, time, positions, filters),
  );
}

/** Time and width after windows; at least one must fit. */
export function sizesAfter(
  node: OnnxNode,
  graph: GraphBuilder,
  input: Activation,
  { index, axes, width, channels }: Spatial,
  windows: TwoAxes,
): [time: Activation['time'], positions: number] {
  if (input.layout.length !== width.length + channels.length || !isFeatures([...width, ...channels]))
    throw node.unsupported('features lie along its batch axis', 'inputs are [batch, channels, time, width]');
  const steps = index[TIME] === undefined ? undefined : sizeOf(axes[2 + index[TIME]]!);
  const positions = positionsOf(count(width), windows[WIDTH]);
  if (positions < 1 || (steps !== undefined && input.time && positionsOf(steps, windows[TIME]) < 1))
    throw node.bad('its kernel is larger than the input');
  return [index[TIME] === undefined ? input.time : graph.timeAfter(node, input.time, windows[TIME]), positions];
}

/** Where axes go: those of the output [batch, filters, …] like those of the input. */
export function laidOut(
  graph: GraphBuilder,
  input: Activation,
  { index }: Spatial,
  time: Activation['time'],
  positions: number,
  filters: number,
) {
  const axes = [...input.axes];
  const [width, channels] = [features(positions), features(filters)];
  axes[1] = channels;
  if (index[TIME] !== undefined && !sameTime(time, input.time))
    axes[2 + index[TIME]] = time ? graph.timeAxis.axisOf(time) : [];
  if (index[WIDTH] !== undefined) axes[2 + index[WIDTH]] = width;
  return [axes, [...width, ...channels], time] as const;
}
