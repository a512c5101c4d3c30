/** BatchNormalization at inference: folded into the layer before it, or else into the one after. */
import type { OnnxNode } from '../node.js';
import { isFeatures, type Affine } from '../values.js';
import type { Op } from './op.js';

export const batchNorm: Op = (node, graph) => {
  if (node.int('training_mode', 0) !== 0 || node.outputs.length > 1)
    throw node.unsupported('it is in training mode', 'call model.eval() before the export');
  const input = node.activation(0);
  if (!isFeatures(input.axes[1]))
    throw node.unsupported('axis 1 of its input is not the features', 'transpose to [batch, features, time] before it');
  const affine = readAffine(node, input.features);
  const maker = graph.maker(input);
  const layer = maker.op === 'conv1d' || maker.op === 'linear';
  if (layer && maker.activation === 'none' && !input.affine && graph.changeable(input) && !graph.isTied(maker.weight)) {
    const columns = maker.weight.data.length / input.features;
    const data = maker.weight.data.map((w, i) => w * affine.scale[Math.floor(i / columns)]!);
    const bias = maker.bias.data.map((b, row) => b * affine.scale[row]! + affine.offset[row]!);
    const changed = { ...maker, weight: { ...maker.weight, data }, bias: { ...maker.bias, data: bias } };
    return [graph.change(node, input, changed)];
  }
  graph.read(node, input);
  return [{ ...input, affine }];
};

function readAffine(node: OnnxNode, features: number): Affine {
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => {
    const { data } = node.weights(i);
    if (data.length !== features) throw node.bad(`${data.length} parameters for ${features} features`);
    return data;
  }) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const epsilon = node.float('epsilon', 1e-5);
  const scale = Float64Array.from(gamma, (g, i) => g / Math.sqrt(variance[i]! + epsilon));
  if (!scale.every(Number.isFinite)) throw node.bad('a variance is negative');
  return { scale, offset: Float64Array.from(beta, (b, i) => b - mean[i]! * scale[i]!) };
}
