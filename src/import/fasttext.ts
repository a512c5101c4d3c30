/** `fasttext`: the mean of the embeddings of words and hashed word n-grams, a linear layer (Joulin et al., 2016). */
import { poolOverTime } from '../graph/nodes.js';
import type { Architecture } from './architecture.js';
import { embeddingNode, ngramsOf, outputNodes, readClassifier } from './classifier.js';
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
