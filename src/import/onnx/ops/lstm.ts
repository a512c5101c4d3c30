/** LSTM: gates i, o, f, c in ONNX, i, f, g, o here. */
import { commonFields, recurrent, summed } from '../recurrent.js';
import type { Op } from './op.js';

export const lstm: Op = (node, graph) =>
  recurrent(node, graph, {
    gates: [0, 2, 3, 1],
    activations: ['Sigmoid', 'Tanh', 'Tanh'],
    states: [5, 6],
    make: (half) => ({ op: 'lstm', ...commonFields(half), bias: summed(half) }),
  });
