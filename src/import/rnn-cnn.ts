/** `rnn_cnn`: convolutions over the hidden states of recurrent layers, max over time, a linear layer. */
import type { Node } from '../graph/graph.js';
import type { Architecture } from './architecture.js';
import { embeddingNode, outputNodes, readClassifier } from './classifier.js';
import type { Config } from './config.js';
import { importConvolutions, readConvolutions, stepsNeeded } from './convolutions.js';
import { importLayers, joinOver, readLayers } from './recurrent-layers.js';
import type { Weights } from './weights.js';

export function importRnnCnn(config: Config, weights: Weights): Architecture {
  const convolutions = readConvolutions(config);
  const { widths, filters } = convolutions;
  const classifier = readClassifier(config, stepsNeeded(convolutions));
  const { labels, minTokens, maxTokens, embeddingSize } = classifier;
  const layers = readLayers(config, { bidirectional: true });
  const stack = importLayers(config, weights, layers, 'embedding', embeddingSize);
  const nodes: Node[] = [embeddingNode(weights, classifier), ...stack.nodes];
  const hidden = joinOver(
    nodes,
    stack.outputs.map(({ value }) => value),
    'rnn',
  );
  nodes.push(
    ...importConvolutions(config, weights, convolutions, hidden, stack.outputs.length * layers.hiddenSize),
    ...outputNodes(config, weights, labels, 'concat', widths.length * filters),
  );
  return { kind: 'classifier', nodes, labels, minTokens, maxTokens };
}
