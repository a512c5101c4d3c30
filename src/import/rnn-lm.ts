/** `rnn_lm`, `lstm_lm`: a stacked recurrent language model, named as in PyTorch's word_language_model example. */
import type { Node } from '../graph/graph.js';
import { LIMITS } from '../schema/image.js';
import type { Architecture } from './architecture.js';
import type { Config } from './config.js';
import { importLayers, readLayers, RNN_TYPES, type RnnType } from './recurrent-layers.js';
import type { Weights } from './weights.js';

export function importLstmLm(config: Config, weights: Weights): Architecture {
  return importRnnLm(config, weights, ['LSTM']);
}

/** @param types what `rnn_type` may be */
export function importRnnLm(config: Config, weights: Weights, types: readonly RnnType[] = RNN_TYPES): Architecture {
  const vocabSize = config.integer('vocab_size', { min: 1, max: LIMITS.max_vocab });
  const embeddingSize = config.integer('embedding_size', { min: 1, max: LIMITS.max_columns });
  const layers = readLayers(config, { types, bidirectional: false });
  const { hiddenSize } = layers;
  const tied = config.flag('tie_word_embeddings', false);
  if (tied && embeddingSize !== hiddenSize)
    throw config.unsupported(
      `embedding_size ${embeddingSize} and hidden_size ${hiddenSize} differ though the embedding is tied`,
      'make them equal, or set "tie_word_embeddings": false',
    );

  const table = weights.take('encoder.weight', [vocabSize, embeddingSize]);
  const stack = importLayers(config, weights, layers, 'encoder', embeddingSize);
  const nodes: Node[] = [{ op: 'embedding', output: 'encoder', table }, ...stack.nodes];
  if (tied && weights.has('decoder.weight')) weights.takeCopy('decoder.weight', table);
  nodes.push({
    op: 'linear',
    input: stack.outputs[0]!.value,
    output: 'decoder',
    weight: tied ? table : weights.take('decoder.weight', [vocabSize, hiddenSize]),
    bias: weights.bias('decoder.bias', vocabSize, 'decoder_bias', config.flag('decoder_bias', true)),
    activation: 'none',
  });
  return { kind: 'language_model', nodes, labels: [], minTokens: 1, maxTokens: 0 };
}
