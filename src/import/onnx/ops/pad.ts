/** Pad with zeros along time or width: part of the convolution or pool that follows, else a layer of its own. */
import { LIMITS } from '../../../schema/image.js';
import type { GraphBuilder } from '../builder.js';
import { ordered } from '../layout.js';
import { axisOf, type OnnxNode } from '../node.js';
import { count, features, isFeatures, type Activation, type Axis, type Source } from '../values.js';
import { UNTOUCHED } from '../windows.js';
import type { Op } from './op.js';

export const pad: Op = (node, graph) => {
  const input = node.activation(0);
  const mode = node.text('mode', 'constant');
  if (mode !== 'constant') throw node.unsupported(`it pads by ${mode}`, 'pad with zeros');
  const filler = node.inputs[2];
  const value = filler?.kind === 'fill' ? filler.fill : (node.optionalConstant(2)?.data[0] ?? node.float('value', 0));
  if (value !== 0) throw node.unsupported(`it pads with ${value}`, 'pad with zeros');
  const pads = node.integers(1, 'pads');
  const listed = node.optionalConstant(3)?.data ?? input.axes.map((_, i) => i);
  const axes = [...listed].map((axis) => axisOf(node, axis, input.axes.length));
  if (pads?.length !== 2 * axes.length) throw node.bad(`${pads?.length ?? 0} pads for ${axes.length} axes`);
  return [
    axes.reduce((padded, axis, i) => widened(node, graph, padded, axis, pads[i]!, pads[i + axes.length]!), input),
  ];
};

function widened(node: OnnxNode, graph: GraphBuilder, input: Activation, axis: number, begin: number, end: number) {
  if (begin === 0 && end === 0) return input;
  if (begin < 0 || end < 0) throw node.unsupported(`pads are ${begin} and ${end}`, 'cut nothing off: pad by 0 or more');
  if (!(begin <= LIMITS.max_padding && end <= LIMITS.max_padding))
    throw node.unsupported('its padding is too wide', `this version pads by ${LIMITS.max_padding} at most`);
  const old = input.axes[axis]!;
  if (isFeatures(old)) return alongWidth(node, input, axis, old, begin, end);
  if (!input.time || graph.timeAxis.roleOf(old[0]!) === 'batch')
    throw node.unsupported('it pads the batch', 'pad along time or width');
  graph.timeAxis.claim(node, old, 'time');
  const time = graph.timeAfter(node, input.time, { ...UNTOUCHED, padBegin: begin, padEnd: end })!;
  const source = added(node, input.source, undefined, [begin, 0], [end, 0], input.source.features);
  return { ...input, source, time, axes: withAxis(input.axes, axis, graph.timeAxis.axisOf(time)) };
}

function alongWidth(
  node: OnnxNode,
  input: Activation,
  axis: number,
  old: Axis,
  begin: number,
  end: number,
): Activation {
  const inner = input.layout.filter((atom) => !old.includes(atom));
  const source = ordered(input, [...old, ...inner], node.name);
  const made = features(count(old) + begin + end);
  const channels = count(inner);
  if (count(made) * channels > LIMITS.max_dim)
    throw node.unsupported(`${count(made) * channels} features a step`, `this version supports ${LIMITS.max_dim}`);
  return {
    ...input,
    source: added(node, source, channels, [0, begin], [0, end], count(made) * channels),
    axes: withAxis(input.axes, axis, made),
    layout: [...made, ...inner],
  };
}

/** Joined with the padding of the other axis, if that came before. */
function added(
  { name }: OnnxNode,
  source: Source,
  channels: number | undefined,
  padBegin: readonly [number, number],
  padEnd: readonly [number, number],
  features: number,
): Source {
  const before = source.op === 'pad' ? source : undefined;
  const view = before && before.padBegin[1] + before.padEnd[1] > 0 ? before.channels : undefined;
  if (before && (view === undefined || channels === undefined || view === channels))
    return {
      ...before,
      name,
      features,
      channels: channels ?? before.channels,
      padBegin: [before.padBegin[0] + padBegin[0], before.padBegin[1] + padBegin[1]],
      padEnd: [before.padEnd[0] + padEnd[0], before.padEnd[1] + padEnd[1]],
    };
  return { op: 'pad', name, source, channels: channels ?? 1, padBegin, padEnd, features };
}

function withAxis(axes: readonly Axis[], at: number, axis: Axis): Axis[] {
  return axes.map((old, i) => (i === at ? axis : old));
}
