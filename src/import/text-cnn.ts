/** `text_cnn`: Kim's (2014) sentence classifier: convolutions of several widths, max over time, a linear layer. */
import type { Architecture } from './architecture.js';
import { embeddingNode, outputNodes, readClassifier } from './classifier.js';
import type { Config } from './config.js';
import { importConvolutions, readConvolutions, stepsNeeded } from './convolutions.js';
import type { Weights } from './weights.js';

export function importTextCnn(config: Config, weights: Weights): Architecture {
  const convolutions = readConvolutions(config);
  const { widths, filters } = convolutions;
  const classifier = readClassifier(config, stepsNeeded(convolutions));
  const { labels, minTokens, maxTokens, embeddingSize } = classifier;
  const middle = importConvolutions(config, weights, convolutions, 'embedding', embeddingSize);
  const nodes = [
    embeddingNode(weights, classifier),
    ...middle,
    ...outputNodes(config, weights, labels, 'concat', widths.length * filters),
  ];
  return { kind: 'classifier', nodes, labels, minTokens, maxTokens };
}
