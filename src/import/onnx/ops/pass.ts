/** Operators that give what they get: Identity, Cast, Dropout at inference. */
import type { Op } from './op.js';

export const identity: Op = (node) => [node.input(0)];

export const dropout: Op = (node) => {
  const training = node.inputs[2];
  const on = training?.kind === 'constant' ? training.tensor.data[0] !== 0 : training !== undefined;
  if (on) throw node.unsupported('it is in training mode', 'call model.eval() before the export');
  return [node.input(0)];
};
