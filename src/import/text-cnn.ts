/** `text_cnn`: Kim's (2014) sentence classifier: convolutions of several widths, max over time, a linear layer. */
import type { Conv1dNode, Node, Weight } from '../graph/graph.js';
import { LIMITS } from '../schema/image.js';
import type { Architecture } from './architecture.js';
import type { Config } from './config.js';
import type { Weights } from './weights.js';

const MAX_WIDTH = 64;

export function importTextCnn(config: Config, weights: Weights): Architecture {
  const vocabSize = config.integer('vocab_size', { min: 1, max: LIMITS.max_vocab });
  const channels = config.integer('embedding_size', { min: 1, max: LIMITS.max_columns });
  const widths = config.integers('filter_widths', { min: 1, max: MAX_WIDTH });
  const filters = config.integer('num_filters', { min: 1, max: LIMITS.max_columns });
  const activation = config.choice('activation', ['relu', 'none'], 'relu');
  config.choice('pooling', ['max'], 'max');
  const labels = config.texts('labels');
  const minTokens = Math.max(...widths);
  const maxTokens = config.integer('max_length', { min: minTokens, max: LIMITS.max_tokens });
  checkLimits(config, widths, channels, filters, labels);
  if (minTokens > 1) config.integer('pad_token_id', { min: 0, max: LIMITS.max_vocab }); // short sentences need it

  const table = weights.take('embedding.weight', [vocabSize, channels]);
  const convs = widths.map((width, i): Conv1dNode => {
    const weight = timeMajor(weights.take(`convs.${i}.weight`, [filters, channels, width]));
    const bias = weights.bias(`convs.${i}.bias`, filters, 'conv_bias', config.flag('conv_bias', true));
    return { op: 'conv1d', output: `convs.${i}`, input: 'embedding', weight, bias, activation };
  });
  const pools = convs.map((conv, i) => ({ op: 'max_over_time' as const, output: `pools.${i}`, input: conv.output }));
  const nodes: Node[] = [
    { op: 'embedding', output: 'embedding', table },
    ...convs,
    ...pools,
    { op: 'concat', output: 'concat', inputs: pools.map((pool) => pool.output) },
    {
      op: 'linear',
      output: 'fc',
      input: 'concat',
      weight: weights.take('fc.weight', [labels.length, widths.length * filters]),
      bias: weights.bias('fc.bias', labels.length, 'fc_bias', config.flag('fc_bias', true)),
      activation: 'none',
    },
    { op: 'softmax', output: 'softmax', input: 'fc' },
  ];
  return { kind: 'classifier', nodes, labels, minTokens, maxTokens };
}

function checkLimits(config: Config, widths: number[], channels: number, filters: number, labels: string[]): void {
  if (widths.length > LIMITS.max_concat_inputs)
    throw config.unsupported(`${widths.length} filter widths`, `this version supports ${LIMITS.max_concat_inputs}`);
  const columns = Math.max(Math.max(...widths) * channels, widths.length * filters);
  if (columns > LIMITS.max_columns)
    throw config.unsupported(`dot products of ${columns} terms`, `this version supports ${LIMITS.max_columns}`);
  if (labels.length > LIMITS.max_labels)
    throw config.unsupported(`${labels.length} labels`, `this version supports ${LIMITS.max_labels}`);
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
