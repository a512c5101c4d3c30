/** BatchNormalization at inference: a scale and an offset by channel. */
import { affineOf, type Affine } from '../../batch-norm.js';
import { scaled } from '../affine.js';
import { byFeature } from '../layout.js';
import type { OnnxNode } from '../node.js';
import { count, isFeatures } from '../values.js';
import type { Op } from './op.js';

export const batchNorm: Op = (node, graph) => {
  if (node.int('training_mode', 0) !== 0 || node.outputs.filter((name) => name !== '').length > 1)
    throw node.unsupported('it is in training mode', 'call model.eval() before the export');
  const input = node.activation(0);
  const channels = input.axes[1];
  if (!isFeatures(channels))
    throw node.unsupported('axis 1 of its input is not the features', 'transpose to [batch, features, time] before it');
  const { scale, offset } = readParameters(node, count(channels));
  const dims = [scale.length, ...input.axes.slice(2).map(() => 1)];
  const spread = (data: Float64Array) => byFeature(input, dims, data)!;
  return [scaled(node, graph, input, { scale: spread(scale), offset: spread(offset) })];
};

function readParameters(node: OnnxNode, channels: number): Affine {
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => {
    const { data } = node.weights(i);
    if (data.length !== channels) throw node.bad(`${data.length} parameters for ${channels} features`);
    return data;
  }) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const affine = affineOf({ gamma, beta, mean, variance, epsilon: node.float('epsilon', 1e-5) });
  if (!affine.scale.every(Number.isFinite)) throw node.bad('a variance is negative');
  return affine;
}
