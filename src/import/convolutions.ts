/** Convolutions of several widths over a sequence, pooling, concatenation: the middle of Kim's (2014) classifier. */
import type { Activation, ConvNode, Node, Weight } from '../graph/graph.js';
import { convOverTime } from '../graph/nodes.js';
import { LIMITS } from '../schema/image.js';
import { affineOf, foldIntoOutput } from './batch-norm.js';
import type { Config } from './config.js';
import { poolNode, readPooling, type Pooling } from './pooling.js';
import type { Weights } from './weights.js';

export interface ConvolutionsConfig {
  readonly widths: number[];
  readonly filters: number;
  /** Convolutions of a width, one on the other. */
  readonly layers: number;
  readonly batchNorm: boolean;
  readonly epsilon: number;
  readonly activation: Activation;
  readonly pooling: Pooling;
}

export function readConvolutions(config: Config): ConvolutionsConfig {
  const widths = config.integers('filter_widths', { min: 1, max: LIMITS.max_width });
  const filters = config.integer('num_filters', { min: 1, max: LIMITS.max_columns });
  const activation = config.choice('activation', ['relu', 'tanh', 'sigmoid', 'none'], 'relu');
  const layers = config.optionalInteger('num_conv_layers', { min: 1, max: LIMITS.max_width }) ?? 1;
  const batchNorm = config.flag('batch_norm', false);
  const epsilon = config.positive('batch_norm_eps', 1e-5);
  const pooling = readPooling(config);
  if (widths.length > LIMITS.max_concat_inputs)
    throw config.unsupported(`${widths.length} filter widths`, `this version supports ${LIMITS.max_concat_inputs}`);
  const convolutions = { widths, filters, layers, batchNorm, epsilon, activation, pooling };
  if (stepsNeeded(convolutions) > LIMITS.max_width)
    throw config.unsupported(
      `convolutions that see ${stepsNeeded(convolutions)} tokens`,
      `this version supports ${LIMITS.max_width}`,
    );
  return convolutions;
}

/** Tokens that the widest stack sees at once. */
export function stepsNeeded({ widths, layers }: ConvolutionsConfig): number {
  return (Math.max(...widths) - 1) * layers + 1;
}

/**
 * The tensors convs.0.weight, convs.0.bias, norms.0.weight…; with several layers convs.0.0.weight…
 *
 * @param input [time, channels]
 * @returns nodes that end in "concat", [widths · filters]
 */
export function importConvolutions(
  config: Config,
  weights: Weights,
  convolutions: ConvolutionsConfig,
  input: string,
  channels: number,
): Node[] {
  const { widths, filters, layers, pooling } = convolutions;
  const columns = Math.max(...widths) * Math.max(channels, layers > 1 ? filters : 0);
  if (columns > LIMITS.max_columns)
    throw config.unsupported(`dot products of ${columns} terms`, `this version supports ${LIMITS.max_columns}`);
  const stacks = widths.map((width, i) => {
    let below = { value: input, channels };
    return Array.from({ length: layers }, (_, layer) => {
      const name = layers > 1 ? `${i}.${layer}` : `${i}`;
      const conv = importConvolution(config, weights, convolutions, name, below, width);
      below = { value: conv.output, channels: filters };
      return conv;
    });
  });
  const pools = stacks.map((stack, i) => poolNode(`pools.${i}`, stack.at(-1)!.output, pooling, filters));
  return [...stacks.flat(), ...pools, { op: 'concat', output: 'concat', inputs: pools.map(({ output }) => output) }];
}

function importConvolution(
  config: Config,
  weights: Weights,
  { filters, batchNorm, epsilon, activation }: ConvolutionsConfig,
  name: string,
  input: { readonly value: string; readonly channels: number },
  width: number,
): ConvNode {
  let weight = timeMajor(weights.take(`convs.${name}.weight`, [filters, input.channels, width]));
  let bias = weights.bias(`convs.${name}.bias`, filters, 'conv_bias', config.flag('conv_bias', true));
  if (batchNorm) {
    const part = (of: string) => weights.take(`norms.${name}.${of}`, [filters]).data;
    const [gamma, beta, mean, variance] = [part('weight'), part('bias'), part('running_mean'), part('running_var')];
    const affine = affineOf({ gamma, beta, mean, variance, epsilon });
    if (!affine.scale.every(Number.isFinite))
      throw weights.refuse(`norms.${name}.running_var`, 'a variance is negative');
    weights.ignore(`norms.${name}.num_batches_tracked`);
    ({ weight, bias } = foldIntoOutput(weight, bias, affine));
  }
  return convOverTime({ output: `convs.${name}`, input: input.value }, weight, bias, activation);
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
