/** Convolution and pooling nodes → the fields of their ops that are not tensors. */
import type { ConvNode, PoolNode } from '../graph/graph.js';
import { channelsOf } from '../graph/windows.js';
import type { OpSpec } from '../image/content.js';
import { toMultiplier, ZERO_MULTIPLIER } from './multiplier.js';

type Fields<Name extends OpSpec['op'], Tensors extends string> = Omit<Extract<OpSpec, { op: Name }>, Tensors>;

export function convFields(node: ConvNode): Fields<'conv', 'input' | 'output' | 'window' | 'weights'> {
  const { stride, dilation, upsample, padBegin, padEnd, groups, activation, overTime } = node;
  const [, kernelTime, kernelWidth] = node.weight.shape as [number, number, number, number];
  const kernel = [kernelTime, kernelWidth] as const;
  const channels = channelsOf(node);
  return { op: 'conv', kernel, stride, dilation, upsample, padBegin, padEnd, groups, channels, activation, overTime };
}

/** Whether every window is a range of the input as it lies in memory (docs/format.md, "conv and pool, shapes"). */
export function inOnePiece(node: ConvNode, features: number): boolean {
  const { kernel, dilation, upsample, padBegin, padEnd, groups, channels } = convFields(node);
  const plain = groups === 1 && [...upsample].every((n) => n === 1) && [...padBegin, ...padEnd].every((n) => n === 0);
  const rowsWhole = kernel[1] === 1 || dilation[1] === 1;
  const rowsMeet = kernel[0] === 1 || (dilation[0] === 1 && kernel[1] === features / channels);
  return plain && rowsWhole && rowsMeet;
}

/** The factors that an Lp pool's root, Q.8 of the input's units, is multiplied with; an average gains bits instead. */
export function poolFields(
  node: PoolNode,
  inputScale: number,
  outputScale: number,
): Fields<'pool', 'input' | 'output'> {
  const { mode, channels, kernel, stride, padBegin, padEnd, order, countPadding } = node;
  const factor = mode === 'lp' ? (toMultiplier(inputScale / outputScale / 256) ?? ZERO_MULTIPLIER) : undefined;
  return {
    op: 'pool',
    ...{ channels, stride, padBegin, padEnd, mode, order, countPadding },
    kernel: [kernel[0] === 'all' ? 0 : kernel[0], kernel[1]],
    gain: mode === 'average' ? Math.round(Math.log2(inputScale / outputScale)) : 0,
    multiplier: factor?.multiplier ?? 0,
    shift: factor?.shift ?? 0,
  };
}
