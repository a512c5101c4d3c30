/** Convolutions of several widths over a sequence, pooling, concatenation: the middle of Kim's (2014) classifier. */
import type { Activation, ConvNode, Node, Weight } from '../graph/graph.js';
import { convOverTime } from '../graph/nodes.js';
import { LIMITS } from '../schema/image.js';
import { affineOf, foldIntoOutput } from './batch-norm.js';
import type { Config } from './config.js';
import { poolNode, readPooling, type Pooling } from './pooling.js';
import type { Weights } from './weights.js';

export interface ConvolutionsConfig {
  /** Convolutions one on the other, each with a batch norm, before those of `widths`. */
  readonly stackWidths: readonly number[];
  readonly widths: readonly number[];
  readonly filters: number;
  /** After the convolutions of `widths`, too. */
  readonly batchNorm: boolean;
  readonly epsilon: number;
  readonly activation: Activation;
  readonly pooling: Pooling;
}

export function readConvolutions(config: Config): ConvolutionsConfig {
  const bounds = { min: 1, max: LIMITS.max_width };
  const stackWidths = config.optionalIntegers('stack_widths', bounds) ?? [];
  const widths = config.integers('filter_widths', bounds);
  const filters = config.integer('num_filters', { min: 1, max: LIMITS.max_columns });
  const activation = config.choice('activation', ['relu', 'tanh', 'sigmoid', 'none'], 'relu');
  const batchNorm = config.flag('batch_norm', false);
  const epsilon = config.positive('batch_norm_eps', 1e-5);
  const pooling = readPooling(config);
  if (widths.length > LIMITS.max_concat_inputs)
    throw config.unsupported(`${widths.length} filter widths`, `this version supports ${LIMITS.max_concat_inputs}`);
  const convolutions = { stackWidths, widths, filters, batchNorm, epsilon, activation, pooling };
  if (stepsNeeded(convolutions) > LIMITS.max_width)
    throw config.unsupported(
      `convolutions that see ${stepsNeeded(convolutions)} tokens`,
      `this version supports ${LIMITS.max_width}`,
    );
  return convolutions;
}

/** Tokens that the widest filter sees at once. */
export function stepsNeeded({ stackWidths, widths }: ConvolutionsConfig): number {
  return stackWidths.reduce((steps, width) => steps + width - 1, Math.max(...widths));
}

/**
 * The tensors stack.0.weight, stack.0.bias, norms.0.weight, …; convs.0.weight, convs.0.bias, conv_norms.0.weight, …
 *
 * @param input [time, channels]
 * @returns nodes that end in "concat", [widths · filters]
 */
export function importConvolutions(
  config: Config,
  weights: Weights,
  { stackWidths, widths, filters, batchNorm, epsilon, activation, pooling }: ConvolutionsConfig,
  input: string,
  channels: number,
): Node[] {
  const columns = Math.max(...stackWidths, ...widths) * Math.max(channels, stackWidths.length > 0 ? filters : 0);
  if (columns > LIMITS.max_columns)
    throw config.unsupported(`dot products of ${columns} terms`, `this version supports ${LIMITS.max_columns}`);
  let below = { value: input, channels };
  const convolution = (output: string, width: number, norm: string | undefined): ConvNode => {
    const weight = timeMajor(weights.take(`${output}.weight`, [filters, below.channels, width]));
    const bias = weights.bias(`${output}.bias`, filters, 'conv_bias', config.flag('conv_bias', true));
    const layer = norm === undefined ? { weight, bias } : withNorm(weights, norm, epsilon, weight, bias);
    return convOverTime({ output, input: below.value }, layer.weight, layer.bias, activation);
  };
  const stack = stackWidths.map((width, i) => {
    const conv = convolution(`stack.${i}`, width, `norms.${i}`);
    below = { value: conv.output, channels: filters };
    return conv;
  });
  const convs = widths.map((width, i) => convolution(`convs.${i}`, width, batchNorm ? `conv_norms.${i}` : undefined));
  const pools = convs.map(({ output }, i) => poolNode(`pools.${i}`, output, pooling, filters));
  return [...stack, ...convs, ...pools, { op: 'concat', output: 'concat', inputs: pools.map(({ output }) => output) }];
}

/** A convolution with the batch norm `name` behind it, folded. */
function withNorm(weights: Weights, name: string, epsilon: number, weight: Weight, bias: Weight) {
  const part = (of: string) => weights.take(`${name}.${of}`, bias.shape).data;
  const [gamma, beta, mean, variance] = [part('weight'), part('bias'), part('running_mean'), part('running_var')];
  const affine = affineOf({ gamma, beta, mean, variance, epsilon });
  if (!affine.scale.every(Number.isFinite)) throw weights.refuse(`${name}.running_var`, 'a variance is negative');
  weights.ignore(`${name}.num_batches_tracked`);
  return foldIntoOutput(weight, bias, affine);
}

/** [filters, channels, width] → [filters, width, channels]. */
function timeMajor({ name, shape, data }: Weight): Weight {
  const [filters, channels, width] = shape as [number, number, number];
  const out = new Float32Array(data.length);
  let at = 0;
  for (let f = 0; f < filters; f++)
    for (let t = 0; t < width; t++)
      for (let c = 0; c < channels; c++) out[at++] = data[(f * channels + c) * width + t]!;
  return { name, shape: [filters, width, channels], data: out };
}
