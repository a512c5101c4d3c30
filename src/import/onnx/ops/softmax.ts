/** Softmax and LogSoftmax end a model; which of the two does not matter to what follows: labels and sampling. */
import { axisOf } from '../node.js';
import { isFeatures, sizeOf } from '../values.js';
import type { Op } from './op.js';

export const softmax: Op = (node) => {
  const input = node.activation(0);
  const rank = input.axes.length;
  const axis = axisOf(node, node.int('axis', node.opset < 13 ? 1 : -1), rank);
  // Before opset 13 it normalized over all axes from this one on.
  const over = node.opset < 13 ? input.axes.slice(axis).filter((a) => sizeOf(a) !== 1) : [input.axes[axis]!];
  if (over.some((a) => !isFeatures(a)))
    throw node.unsupported(`it normalizes over axis ${axis}, not the features`, 'apply softmax to the last axis');
  return [{ ...input, probabilities: true }];
};
