/** `lstm_lm`: a stacked LSTM language model, named as in PyTorch's word_language_model example. */
import type { LstmNode, Node } from '../graph/graph.js';
import { LIMITS } from '../schema/image.js';
import type { Architecture } from './architecture.js';
import type { Config } from './config.js';
import type { Weights } from './weights.js';

const MAX_LAYERS = 64;

export function importLstmLm(config: Config, weights: Weights): Architecture {
  const vocabSize = config.integer('vocab_size', { min: 1, max: LIMITS.max_vocab });
  const embeddingSize = config.integer('embedding_size', { min: 1, max: LIMITS.max_columns });
  const hiddenSize = config.integer('hidden_size', { min: 1, max: LIMITS.max_hidden });
  const layers = config.integer('num_layers', { min: 1, max: MAX_LAYERS });
  const tied = config.flag('tie_word_embeddings', false);
  if (tied && embeddingSize !== hiddenSize)
    throw config.unsupported(
      `embedding_size ${embeddingSize} and hidden_size ${hiddenSize} differ though the embedding is tied`,
      'make them equal, or set "tie_word_embeddings": false',
    );

  const table = weights.take('encoder.weight', [vocabSize, embeddingSize]);
  const nodes: Node[] = [{ op: 'embedding', output: 'encoder', table }];
  for (let layer = 0; layer < layers; layer++) {
    const inputSize = layer === 0 ? embeddingSize : hiddenSize;
    nodes.push(lstmLayer(config, weights, layer, nodes[layer]!.output, inputSize, hiddenSize));
  }
  if (tied && weights.has('decoder.weight')) weights.takeCopy('decoder.weight', table);
  nodes.push({
    op: 'linear',
    input: nodes[layers]!.output,
    output: 'decoder',
    weight: tied ? table : weights.take('decoder.weight', [vocabSize, hiddenSize]),
    bias: weights.bias('decoder.bias', vocabSize, 'decoder_bias', config.flag('decoder_bias', true)),
    activation: 'none',
  });
  return { kind: 'language_model', nodes, labels: [], minTokens: 1, maxTokens: 0 };
}

function lstmLayer(
  config: Config,
  weights: Weights,
  layer: number,
  input: string,
  inputSize: number,
  hiddenSize: number,
): LstmNode {
  const rows = 4 * hiddenSize;
  const present = config.flag('rnn_bias', true);
  const inputWeight = weights.take(`rnn.weight_ih_l${layer}`, [rows, inputSize]);
  const recurrentWeight = weights.take(`rnn.weight_hh_l${layer}`, [rows, hiddenSize]);
  const first = weights.bias(`rnn.bias_ih_l${layer}`, rows, 'rnn_bias', present);
  const second = weights.bias(`rnn.bias_hh_l${layer}`, rows, 'rnn_bias', present);
  const bias = { name: first.name, shape: [rows], data: first.data.map((b, r) => b + second.data[r]!) };
  return { op: 'lstm', output: `rnn.${layer}`, input, inputWeight, recurrentWeight, bias };
}
