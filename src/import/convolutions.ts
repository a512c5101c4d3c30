/** Convolutions of several widths over a sequence, max over time, concatenation: the middle of Kim's (2014) classifier. */
import type { Conv1dNode, Node, Weight } from '../graph/graph.js';
import { LIMITS } from '../schema/image.js';
import type { Config } from './config.js';
import type { Weights } from './weights.js';

export interface ConvolutionsConfig {
  readonly widths: number[];
  readonly filters: number;
  readonly activation: 'relu' | 'none';
}

export function readConvolutions(config: Config): ConvolutionsConfig {
  const widths = config.integers('filter_widths', { min: 1, max: LIMITS.max_width });
  const filters = config.integer('num_filters', { min: 1, max: LIMITS.max_columns });
  const activation = config.choice('activation', ['relu', 'none'], 'relu');
  config.choice('pooling', ['max'], 'max');
  if (widths.length > LIMITS.max_concat_inputs)
    throw config.unsupported(`${widths.length} filter widths`, `this version supports ${LIMITS.max_concat_inputs}`);
  return { widths, filters, activation };
}

/**
 * The tensors convs.0.weight, convs.0.bias, …
 *
 * @param input [time, channels]
 * @returns nodes that end in "concat", [widths · filters]
 */
export function importConvolutions(
  config: Config,
  weights: Weights,
  { widths, filters, activation }: ConvolutionsConfig,
  input: string,
  channels: number,
): Node[] {
  const columns = Math.max(...widths) * channels;
  if (columns > LIMITS.max_columns)
    throw config.unsupported(`dot products of ${columns} terms`, `this version supports ${LIMITS.max_columns}`);
  const convs = widths.map((width, i): Conv1dNode => {
    const weight = timeMajor(weights.take(`convs.${i}.weight`, [filters, channels, width]));
    const bias = weights.bias(`convs.${i}.bias`, filters, 'conv_bias', config.flag('conv_bias', true));
    return { op: 'conv1d', output: `convs.${i}`, input, weight, bias, activation };
  });
  const pools = convs.map((conv, i) => ({ op: 'max_over_time' as const, output: `pools.${i}`, input: conv.output }));
  return [...convs, ...pools, { op: 'concat', output: 'concat', inputs: pools.map((pool) => pool.output) }];
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
