/** A batch norm at inference, folded into the layer before it (Ioffe and Szegedy, arXiv:1502.03167). */
import type { Weight } from '../graph/graph.js';

export interface BatchNorm {
  /** [channels] each: γ, β, the running mean and variance. */
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  readonly epsilon: number;
}

/** scale · x + offset, by channel: what a batch norm, or any constant factor and addend, comes to. */
export interface Affine {
  /** [channels], which the features are a multiple of. */
  readonly scale: Float64Array;
  readonly offset: Float64Array;
}

/** Not finite where a variance is negative. */
export function affineOf({ gamma, beta, mean, variance, epsilon }: BatchNorm): Affine {
  const scale = Float64Array.from(gamma, (g, i) => g / Math.sqrt(variance[i]! + epsilon));
  return { scale, offset: Float64Array.from(beta, (b, i) => b - mean[i]! * scale[i]!) };
}

/** @param weight [outputs, …]: the channels of the norm are the outputs of the layer */
export function foldIntoOutput(
  weight: Weight,
  bias: Weight,
  { scale, offset }: Affine,
): { weight: Weight; bias: Weight } {
  const columns = weight.data.length / scale.length;
  return {
    weight: { ...weight, data: weight.data.map((w, i) => w * scale[Math.floor(i / columns)]!) },
    bias: { ...bias, data: bias.data.map((b, row) => b * scale[row]! + offset[row]!) },
  };
}
