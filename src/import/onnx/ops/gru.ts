/** GRU: gates z, r, h in ONNX, r, z, n here. */
import type { GruNode } from '../../../graph/graph.js';
import { commonFields, recurrent, summed, type Half } from '../recurrent.js';
import type { Op } from './op.js';

export const gru: Op = (node, graph) =>
  recurrent(node, graph, {
    gates: [1, 0, 2],
    activations: ['Sigmoid', 'Tanh'],
    states: [5],
    make: node.int('linear_before_reset', 0) !== 0 ? resetAfter : resetBefore,
  });

function resetBefore(half: Half): GruNode {
  return { op: 'gru', ...commonFields(half), bias: summed(half), reset: 'before' };
}

/** The reset gate scales the recurrent bias of n; everywhere else it is only added. */
function resetAfter(half: Half): GruNode {
  const candidate = 2 * half.hiddenSize;
  const added = half.recurrentBias.map((b, row) => (row < candidate ? b : 0));
  const data = half.recurrentBias.map((b, row) => (row < candidate ? 0 : b));
  const recurrentBias = { name: `${half.output}.recurrent_bias`, shape: [data.length], data };
  return {
    op: 'gru',
    ...commonFields(half),
    bias: summed({ ...half, recurrentBias: added }),
    recurrentBias,
    reset: 'after',
  };
}
