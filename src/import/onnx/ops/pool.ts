/** Maximum over all of time: ReduceMax, GlobalMaxPool, and MaxPool with a window as long as the text. */
import type { GraphBuilder } from '../builder.js';
import { axisOf, type OnnxNode } from '../node.js';
import { isFeatures, sizeOf, type Activation, type Axis } from '../values.js';
import type { Op } from './op.js';

export const reduceMax: Op = (node, graph) => {
  const input = node.activation(0);
  const axes = node.integers(1, 'axes')?.map((axis) => axisOf(node, axis, input.axes.length));
  if (!axes) throw node.unsupported('it reduces all axes', 'take the maximum over time only');
  const keep = node.int('keepdims', 1) !== 0;
  return [maxOverTime(node, graph, input, new Set(axes), keep)];
};

export const globalMaxPool: Op = (node, graph) => {
  const input = node.activation(0);
  return [maxOverTime(node, graph, input, spatial(input), true)];
};

export const maxPool: Op = (node, graph) => {
  const input = node.activation(0);
  const kernel = node.ints('kernel_shape') ?? [];
  if (kernel.length !== input.axes.length - 2) throw node.bad(`kernel_shape [${kernel.join(', ')}]`);
  if (node.ints('pads')?.some((n) => n !== 0) || node.ints('dilations')?.some((n) => n !== 1))
    throw node.unsupported('it is padded or dilated', 'pool over all of time, without padding');
  kernel.forEach((n, i) => {
    const size = sizeOf(input.axes[i + 2]!, input.shrink);
    if (n !== size)
      throw node.unsupported(
        `its window is ${n} of ${size ?? 'a dynamic number of'} steps`,
        'pool over all of time: x.max(dim=2), or AdaptiveMaxPool1d(1)',
      );
  });
  return [maxOverTime(node, graph, input, spatial(input), true)];
};

function spatial({ axes }: Activation): ReadonlySet<number> {
  return new Set(axes.map((_, i) => i).slice(2));
}

function maxOverTime(
  node: OnnxNode,
  graph: GraphBuilder,
  input: Activation,
  over: ReadonlySet<number>,
  keep: boolean,
): Activation {
  const reduced = input.axes.filter((_, i) => over.has(i));
  if (!input.overTime || reduced.some(isFeatures))
    throw node.unsupported('it takes the maximum of features', 'take the maximum over time only');
  const long = reduced.filter((axis) => axis.length > 0);
  if (long.length > 1) throw node.unsupported('it takes the maximum of the batch', 'take the maximum over time only');
  // Of an axis of size 1 it is the time axis, or nothing happens.
  graph.claim(node, long[0] ?? [], 'time');
  const axes: Axis[] = keep
    ? input.axes.map((axis, i) => (over.has(i) ? [] : axis))
    : input.axes.filter((_, i) => !over.has(i));
  return graph.add(
    { op: 'max_over_time', output: node.name, input: graph.read(node, input) },
    { axes, features: input.features, overTime: false, shrink: input.shrink },
  );
}
