/** Relu: fused into the convolution or linear layer before it, also through a max over time. */
import type { Op } from './op.js';

export const relu: Op = (node, graph) => {
  const input = node.activation(0);
  const maker = graph.maker(input);
  const fusable = !input.affine && 'activation' in maker;
  if (fusable) return [graph.change(node, input, { ...maker, activation: 'relu' })];
  if (maker.op === 'max_over_time' && !input.affine) {
    // The maximum of ReLUs is the ReLU of the maximum.
    const before = graph.node(maker.input);
    if ('activation' in before) return [graph.changeInput(node, input, maker.input, { ...before, activation: 'relu' })];
  }
  throw node.unsupported('it does not follow a convolution or linear layer', 'put it directly after one');
};
