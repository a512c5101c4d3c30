/** Pooling with windows: MaxPool, AveragePool, LpPool, and the global forms over all of time and width. */
import type { PoolNode } from '../../../graph/graph.js';
import { TIME } from '../../../graph/windows.js';
import type { AxisWindows } from '../../../image/time.js';
import { LIMITS } from '../../../schema/image.js';
import type { GraphBuilder } from '../builder.js';
import { ordered } from '../layout.js';
import type { OnnxNode } from '../node.js';
import { count, sizeOf, type Activation } from '../values.js';
import { alongDimension, checkWindows, findSpatial, overAxes, padded, pair, readAttributes, UNTOUCHED, type Spatial, type TwoAxes } from '../windows.js'; // prettier-ignore
import { laidOut, sizesAfter } from './conv.js';
import type { Op } from './op.js';

type Mode = PoolNode['mode'];

export function pool(mode: Mode): Op {
  return (node, graph) => {
    const input = node.activation(0);
    if (node.outputs.filter((name) => name !== '').length > 1)
      throw node.unsupported('it gives indices too', 'use its first output only');
    const spatial = findSpatial(node, graph, input);
    const attributes = readAttributes(node, input.axes.length - 2, undefined);
    if (attributes.kernel.some((n) => n < 1)) throw node.bad('it has no kernel_shape');
    if (attributes.dilation.some((n) => n !== 1))
      throw node.unsupported(`dilations are ${attributes.dilation.join(', ')}`, 'pool without dilation');
    const countPadding = mode === 'average' && node.int('count_include_pad', 0) !== 0;
    const ceil = node.int('ceil_mode', 0) !== 0;
    const windows = overAxes(spatial, (i, size) => {
      const along = alongDimension(node, attributes, i, size);
      return ceil ? roundedUp(node, along, size, countPadding) : along;
    });
    const padding = [...pair(windows, 'padBegin'), ...pair(windows, 'padEnd')].some((n) => n > 0);
    return [pooled(node, graph, input, spatial, windows, mode, countPadding && padding)];
  };
}

export function globalPool(mode: Mode): Op {
  return (node, graph) => {
    const input = node.activation(0);
    const spatial = findSpatial(node, graph, input);
    const windows = overAxes(spatial, (_, size) => ({ ...UNTOUCHED, kernel: size ?? 0 }));
    return [pooled(node, graph, input, spatial, windows, mode, false)];
  };
}

/** Of an Lp norm. */
export function orderOf(node: OnnxNode, mode: Mode, fallback = 2): number {
  if (mode !== 'lp') return 0;
  const order = node.int('p', fallback);
  if (order < 1 || order > LIMITS.max_order)
    throw node.unsupported(`its order is ${order}`, `this version supports orders of 1 to ${LIMITS.max_order}`);
  return order;
}

/** ceil_mode: one more window where the last would leave elements out, as more padding at the end. */
function roundedUp(node: OnnxNode, axis: AxisWindows, size: number | undefined, countPadding: boolean): AxisWindows {
  const { kernel, stride, padBegin } = axis;
  let { padEnd } = axis;
  if (size === undefined) padEnd += stride - 1;
  else {
    const last = Math.ceil((size + padBegin + padEnd - kernel) / stride);
    // A window that would begin beyond the input is left out.
    const begins = (last * stride >= size + padBegin ? last - 1 : last) * stride;
    padEnd = Math.max(padEnd, begins + kernel - size - padBegin);
  }
  if (padEnd === axis.padEnd) return axis;
  if (countPadding)
    throw node.unsupported(
      'ceil_mode with count_include_pad',
      'use one of the two: what ceil_mode adds is not counted',
    );
  if (padEnd >= kernel)
    throw node.unsupported(
      `ceil_mode with stride ${stride} and a window of ${kernel} depends on the length of the text`,
      'use a stride that is at most the window, less its padding, or no ceil_mode',
    );
  return { ...axis, padEnd };
}

function pooled(
  node: OnnxNode,
  graph: GraphBuilder,
  input: Activation,
  spatial: Spatial,
  own: TwoAxes,
  mode: Mode,
  countPadding: boolean,
): Activation {
  let source = ordered(input, [...spatial.width, ...spatial.channels], node.name);
  let windows = own;
  let counted = countPadding;
  if (source.op === 'pad' && mode !== 'max' && coversPadding(own, source.padBegin, source.padEnd)) {
    // Zeros that a Pad adds are elements like any other: an average counts them.
    const bare = [...pair(own, 'padBegin'), ...pair(own, 'padEnd')].every((n) => n === 0);
    const sameView = source.channels === count(spatial.channels) || source.padBegin[1] + source.padEnd[1] === 0;
    if (bare && sameView) {
      windows = padded(own, source);
      source = source.source;
      counted = mode === 'average';
    }
  }
  const steps = spatial.index[TIME] === undefined ? 1 : sizeOf(spatial.axes[2 + spatial.index[TIME]]!);
  const over = windows[TIME];
  const all =
    input.time !== undefined &&
    spatial.index[TIME] !== undefined &&
    over.padBegin + over.padEnd === 0 &&
    (over.kernel === 0 || over.kernel === steps);
  const along = all ? UNTOUCHED : over;
  // The stride after the only window says nothing.
  const one = windows[1].kernel === count(spatial.width) && windows[1].padBegin + windows[1].padEnd === 0;
  const taken = [along, one ? { ...windows[1], stride: 1 } : windows[1]] as const;
  checkPool(node, taken);
  const [time, positions] = sizesAfter(node, graph, input, spatial, [all ? UNTOUCHED : own[TIME], own[1]]);
  const channels = count(spatial.channels);
  return graph.pool(
    {
      op: 'pool',
      output: node.name,
      input: graph.readSource(source),
      mode,
      channels,
      kernel: [all ? 'all' : along.kernel, taken[1].kernel],
      stride: pair(taken, 'stride'),
      padBegin: pair(taken, 'padBegin'),
      padEnd: pair(taken, 'padEnd'),
      order: orderOf(node, mode),
      countPadding: counted,
    },
    input,
    ...laidOut(graph, input, spatial, all ? undefined : time, positions, channels),
  );
}

function coversPadding(windows: TwoAxes, begin: readonly number[], end: readonly number[]): boolean {
  return windows.every(({ kernel }, i) => begin[i]! < kernel && end[i]! < kernel);
}

function checkPool(node: OnnxNode, windows: TwoAxes): void {
  checkWindows(node, windows);
  if (!coversPadding(windows, pair(windows, 'padBegin'), pair(windows, 'padEnd')))
    throw node.unsupported('its padding is as wide as its window', 'pad by less than the window');
  const [time, width] = pair(windows, 'kernel');
  if (time * width > LIMITS.max_pool_window)
    throw node.unsupported(`a window of ${time * width}`, `this version supports ${LIMITS.max_pool_window}`);
}
