/** `fasttext`: the mean of the words' embeddings and a linear layer (Joulin et al., 2016), without n-grams. */
import type { Architecture } from './architecture.js';
import { embeddingNode, outputNodes, readClassifier } from './classifier.js';
import type { Config } from './config.js';
import type { Weights } from './weights.js';

export function importFastText(config: Config, weights: Weights): Architecture {
  const classifier = readClassifier(config, 1);
  const { labels, minTokens, maxTokens, embeddingSize } = classifier;
  const nodes = [
    embeddingNode(weights, classifier),
    { op: 'mean_over_time' as const, output: 'mean', input: 'embedding' },
    ...outputNodes(config, weights, labels, 'mean', embeddingSize),
  ];
  return { kind: 'classifier', nodes, labels, minTokens, maxTokens };
}
