/** RNN with tanh: one gate. */
import { commonFields, recurrent, summed } from '../recurrent.js';
import type { Op } from './op.js';

export const rnn: Op = (node, graph) =>
  recurrent(node, graph, {
    gates: [0],
    activations: ['Tanh'],
    states: [5],
    make: (half) => ({ op: 'rnn', ...commonFields(half), bias: summed(half) }),
  });
