/** What all classifiers have in common: labels, the longest input, and the output layer `fc`. */
import type { Node } from '../graph/graph.js';
import { LIMITS } from '../schema/image.js';
import type { HashedNgrams } from '../tokenizer/tables.js';
import type { Config } from './config.js';
import type { Weights } from './weights.js';

export interface ClassifierConfig {
  readonly vocabSize: number;
  readonly embeddingSize: number;
  readonly labels: string[];
  readonly minTokens: number;
  readonly maxTokens: number;
}

/** @param minTokens what the architecture can take; shorter sentences are padded */
export function readClassifier(config: Config, minTokens: number): ClassifierConfig {
  const vocabSize = config.integer('vocab_size', { min: 1, max: LIMITS.max_vocab });
  const embeddingSize = config.integer('embedding_size', { min: 1, max: LIMITS.max_columns });
  const labels = config.texts('labels');
  if (labels.length > LIMITS.max_labels)
    throw config.unsupported(`${labels.length} labels`, `this version supports ${LIMITS.max_labels}`);
  const maxTokens = config.integer('max_length', { min: minTokens, max: LIMITS.max_tokens });
  if (minTokens > 1) config.integer('pad_token_id', { min: 0, max: LIMITS.max_vocab }); // short sentences need it
  return { vocabSize, embeddingSize, labels, minTokens, maxTokens };
}

/** Hashed n-grams of words, whose rows of the embedding follow those of the tokens. */
export function ngramsOf(config: Config): HashedNgrams | undefined {
  const wordNgrams = config.optionalInteger('word_ngrams', { min: 1, max: LIMITS.max_word_ngrams }) ?? 1;
  if (wordNgrams === 1) return undefined;
  return { wordNgrams, bucketCount: config.integer('bucket', { min: 1, max: LIMITS.max_vocab }) };
}

/** embedding.weight */
export function embeddingNode(weights: Weights, { vocabSize, embeddingSize }: ClassifierConfig): Node {
  return {
    op: 'embedding',
    output: 'embedding',
    table: weights.take('embedding.weight', [vocabSize, embeddingSize]),
  };
}

/** fc.weight, fc.bias and the softmax. */
export function outputNodes(config: Config, weights: Weights, labels: string[], input: string, size: number): Node[] {
  if (size > LIMITS.max_columns)
    throw config.unsupported(`dot products of ${size} terms`, `this version supports ${LIMITS.max_columns}`);
  return [
    {
      op: 'linear',
      output: 'fc',
      input,
      weight: weights.take('fc.weight', [labels.length, size]),
      bias: weights.bias('fc.bias', labels.length, 'fc_bias', config.flag('fc_bias', true)),
      activation: 'none',
    },
    { op: 'softmax', output: 'softmax', input: 'fc' },
  ];
}
