/** ReduceMax, ReduceMean, ReduceL1, ReduceL2 over time, width or channels: pools over all of them. */
import type { PoolNode } from '../../../graph/graph.js';
import { LIMITS } from '../../../schema/image.js';
import { gathered } from '../layout.js';
import { axisOf } from '../node.js';
import { count, isFeatures, type Axis } from '../values.js';
import type { Op } from './op.js';

export function reduce(mode: PoolNode['mode'], order = 0): Op {
  return (node, graph) => {
    const input = node.activation(0);
    const listed = node.integers(1, 'axes')?.map((axis) => axisOf(node, axis, input.axes.length));
    if (!listed || listed.length === 0)
      throw node.unsupported('it reduces all axes', 'reduce time, width or channels, not the batch');
    const over = new Set(listed);
    const keep = node.int('keepdims', 1) !== 0;
    const reduced = input.axes.filter((_, i) => over.has(i));
    const steps = reduced.filter((axis) => axis.some(({ of }) => of !== 'features'));
    const batch = steps.some((axis) => axis.some((atom) => graph.timeAxis.roleOf(atom) === 'batch'));
    if (batch || steps.length > 1)
      throw node.unsupported('it reduces the batch', 'reduce time, width or channels, not the batch');
    // Of a model exported for one step, time is an axis of size 1 which looks like any other.
    const hidden =
      input.time && input.axes.every((axis) => isFeatures(axis)) && reduced.some((axis) => axis.length === 0);
    const all = input.time !== undefined && (steps.length === 1 || hidden === true);
    if (all) graph.timeAxis.claim(node, steps[0] ?? [], 'time');
    const gone = reduced.filter((axis) => isFeatures(axis)).flat();
    const { outer, inner, source } = gathered(input, gone, node.name);
    const layout = [...outer, ...inner];
    const axes: Axis[] = keep
      ? input.axes.map((axis, i) => (over.has(i) ? [] : axis))
      : input.axes.filter((_, i) => !over.has(i));
    const kernel = gone.length === 0 ? 1 : count(gone);
    if (!all && kernel === 1 && mode !== 'lp') return [{ ...input, axes }];
    const stride = count(outer) === 1 ? 1 : kernel;
    if (stride > LIMITS.max_width || kernel > LIMITS.max_pool_window)
      throw node.unsupported(
        `it reduces ${kernel} features`,
        `this version reduces ${LIMITS.max_width} at a time where others lie around them`,
      );
    const time = all ? undefined : input.time;
    return [
      graph.pool(
        {
          op: 'pool',
          output: node.name,
          input: graph.readSource(source),
          mode,
          channels: count(inner),
          kernel: [all ? 'all' : 1, kernel],
          stride: [1, stride],
          padBegin: [0, 0],
          padEnd: [0, 0],
          order,
          countPadding: false,
        },
        input,
        axes,
        layout,
        time,
      ),
    ];
  };
}
