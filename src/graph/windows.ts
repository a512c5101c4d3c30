/** Geometry of convolution and pooling nodes, axis by axis. */
import type { AxisWindows } from '../image/time.js';
import type { ConvNode, PoolNode } from './graph.js';

export const TIME = 0;
export const WIDTH = 1;
export type AxisIndex = typeof TIME | typeof WIDTH;

/** @param steps there are, for a pool over all of them */
export function axisOf(node: ConvNode | PoolNode, axis: AxisIndex, steps: number): AxisWindows {
  const common = { stride: node.stride[axis], padBegin: node.padBegin[axis], padEnd: node.padEnd[axis] };
  if (node.op === 'conv')
    return {
      ...common,
      kernel: node.weight.shape[1 + axis]!,
      dilation: node.dilation[axis],
      upsample: node.upsample[axis],
    };
  const kernel = node.kernel[axis];
  return { ...common, kernel: kernel === 'all' ? steps : kernel, dilation: 1, upsample: 1 };
}

/** Of the input. */
export function channelsOf(node: ConvNode | PoolNode): number {
  return node.op === 'conv' ? node.weight.shape[3]! * node.groups : node.channels;
}

/** Of the output. */
export function filtersOf(node: ConvNode | PoolNode): number {
  return node.op === 'conv' ? node.weight.shape[0]! : node.channels;
}
