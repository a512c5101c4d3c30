/** Convolution and pooling in float32 over [time, width, channels]. */
import { positionsOf } from '../image/time.js';
import { activate } from './float-activation.js';
import type { FloatKernels } from './float-kernels.js';
import type { FloatValue } from './float-nodes.js';
import type { ConvNode, PoolNode } from './graph.js';
import { axisOf, channelsOf, TIME, WIDTH } from './windows.js';

/** The caller sees to it that at least one window fits. */
export function conv(node: ConvNode, input: FloatValue, kernels: FloatKernels): FloatValue {
  const all = everyStep(node, input, kernels);
  return node.overTime === 'largest' ? largestStep(all) : all;
}

/** The largest of all steps, feature by feature. */
function largestStep({ data, steps, features }: FloatValue): FloatValue {
  const largest = data.slice(0, features);
  for (let t = 1; t < steps; t++)
    for (let j = 0; j < features; j++) largest[j] = Math.max(largest[j]!, data[t * features + j]!);
  return { data: largest, steps: 1, features };
}

function everyStep(node: ConvNode, input: FloatValue, kernels: FloatKernels): FloatValue {
  const [filters, , , perGroup] = node.weight.shape as [number, number, number, number];
  const channels = channelsOf(node);
  const width = input.features / channels;
  const time = axisOf(node, TIME, input.steps);
  const across = axisOf(node, WIDTH, input.steps);
  const steps = positionsOf(input.steps, time);
  const positions = positionsOf(width, across);
  const columns = time.kernel * across.kernel * perGroup;
  const rows = filters / node.groups;
  const data = new Float32Array(steps * positions * filters);
  const windows = new Float32Array(steps * positions * columns);
  const product = node.groups === 1 ? data : new Float32Array(steps * positions * rows);
  /** Where an element of a window comes from, or -1 for a zero. */
  const source = (at: number, axis: typeof time, size: number): number =>
    at >= 0 && at % axis.upsample === 0 && at / axis.upsample < size ? at / axis.upsample : -1;
  for (let g = 0; g < node.groups; g++) {
    let to = 0;
    for (let p = 0; p < steps; p++)
      for (let q = 0; q < positions; q++)
        for (let i = 0; i < time.kernel; i++) {
          const y = source(p * time.stride + i * time.dilation - time.padBegin, time, input.steps);
          for (let j = 0; j < across.kernel; j++, to += perGroup) {
            const x = y < 0 ? -1 : source(q * across.stride + j * across.dilation - across.padBegin, across, width);
            if (x < 0) windows.fill(0, to, to + perGroup);
            else {
              const from = (y * width + x) * channels + g * perGroup;
              for (let k = 0; k < perGroup; k++) windows[to + k] = input.data[from + k]!;
            }
          }
        }
    const weight = node.weight.data.subarray(g * rows * columns, (g + 1) * rows * columns);
    const bias = node.bias.data.subarray(g * rows, (g + 1) * rows);
    kernels.matmul(windows, weight, bias, product, steps * positions, rows, columns);
    if (node.groups > 1)
      for (let at = 0; at < steps * positions; at++)
        data.set(product.subarray(at * rows, (at + 1) * rows), at * filters + g * rows);
  }
  activate(data, node.activation);
  return { data, steps, features: positions * filters };
}

/** The caller sees to it that every window has an element of the input. */
export function pool(node: PoolNode, input: FloatValue): FloatValue {
  const { channels } = node;
  const width = input.features / channels;
  const time = axisOf(node, TIME, input.steps);
  const across = axisOf(node, WIDTH, input.steps);
  const steps = positionsOf(input.steps, time);
  const positions = positionsOf(width, across);
  const reduce = reducerOf(node, time.kernel * across.kernel);
  const data = new Float32Array(steps * positions * channels);
  let to = 0;
  for (let p = 0; p < steps; p++)
    for (let q = 0; q < positions; q++) {
      const [y0, y1] = inside(p * time.stride - time.padBegin, time.kernel, input.steps);
      const [x0, x1] = inside(q * across.stride - across.padBegin, across.kernel, width);
      for (let c = 0; c < channels; c++) {
        const elements: number[] = [];
        for (let y = y0; y < y1; y++)
          for (let x = x0; x < x1; x++) elements.push(input.data[(y * width + x) * channels + c]!);
        data[to++] = reduce(elements);
      }
    }
  return { data, steps, features: positions * channels };
}

/** The part of a window that lies in [0, size). */
function inside(start: number, kernel: number, size: number): [number, number] {
  return [Math.max(0, start), Math.min(size, start + kernel)];
}

function reducerOf(node: PoolNode, area: number): (elements: readonly number[]) => number {
  const { mode, order, countPadding } = node;
  switch (mode) {
    case 'max':
      return (elements) => elements.reduce((a, b) => Math.max(a, b));
    case 'average':
      return (elements) => elements.reduce((a, b) => a + b) / (countPadding ? area : elements.length);
    case 'lp':
      return (elements) => elements.reduce((sum, x) => sum + Math.abs(x) ** order, 0) ** (1 / order);
  }
}
