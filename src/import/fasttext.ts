/** `fasttext`: the mean of the embeddings of words and hashed word n-grams, a linear layer (Joulin et al., 2016). */
import { poolOverTime } from '../graph/nodes.js';
import { LIMITS } from '../schema/image.js';
import type { HashedNgrams } from '../tokenizer/tables.js';
import type { Architecture } from './architecture.js';
import { embeddingNode, outputNodes, readClassifier } from './classifier.js';
import type { Config } from './config.js';
import type { Weights } from './weights.js';

export function importFastText(config: Config, weights: Weights): Architecture {
  const classifier = readClassifier(config, 1);
  const { labels, minTokens, maxTokens, embeddingSize } = classifier;
  const nodes = [
    embeddingNode(weights, classifier),
    poolOverTime({ output: 'mean', input: 'embedding' }, 'average', embeddingSize),
    ...outputNodes(config, weights, labels, 'mean', embeddingSize),
  ];
  return { kind: 'classifier', nodes, labels, minTokens, maxTokens, ngrams: ngramsOf(config) };
}

function ngramsOf(config: Config): HashedNgrams | undefined {
  const wordNgrams = config.optionalInteger('word_ngrams', { min: 1, max: LIMITS.max_word_ngrams }) ?? 1;
  if (wordNgrams === 1) return undefined;
  return { wordNgrams, bucketCount: config.integer('bucket', { min: 1, max: LIMITS.max_vocab }) };
}
