/** Nodes of common forms. */
import type { Activation, ConvNode, PoolNode, Weight } from './graph.js';

const NO_PADDING = { padBegin: [0, 0], padEnd: [0, 0] } as const;
const PLAIN = { stride: [1, 1], dilation: [1, 1], upsample: [1, 1], ...NO_PADDING } as const;

interface Named {
  readonly output: string;
  readonly input: string;
}

/** A convolution over time, all features of a step its channels. @param weight [filters, width, channels] */
export function convOverTime(
  { output, input }: Named,
  { name, shape, data }: Weight,
  bias: Weight,
  activation: Activation,
): ConvNode {
  const [filters, width, channels] = shape as [number, number, number];
  const weight = { name, shape: [filters, width, 1, channels], data };
  return { op: 'conv', output, input, weight, bias, ...PLAIN, groups: 1, activation };
}

/** One number a channel, made of all time steps. @param order of an Lp pool, else 0 */
export function poolOverTime({ output, input }: Named, mode: PoolNode['mode'], channels: number, order = 0): PoolNode {
  const kernel = ['all', 1] as const;
  return {
    op: 'pool',
    output,
    input,
    mode,
    channels,
    kernel,
    stride: [1, 1],
    ...NO_PADDING,
    order,
    countPadding: false,
  };
}

/** scale · x + offset, by channel: a batch norm that nothing could take in. @param scale, offset [channels] */
export function perChannel(
  { output, input }: Named,
  scale: Float32Array,
  offset: Float32Array,
  activation: Activation,
): ConvNode {
  const channels = scale.length;
  const weight = { name: `${output}.scale`, shape: [channels, 1, 1, 1], data: scale };
  const bias = { name: `${output}.offset`, shape: [channels], data: offset };
  return { op: 'conv', output, input, weight, bias, ...PLAIN, groups: channels, activation };
}

/** An activation by itself, or with 'none' a change of scale: each feature is a position of one channel. */
export function elementwise(named: Named, activation: Activation): ConvNode {
  return perChannel(named, Float32Array.of(1), Float32Array.of(0), activation);
}
