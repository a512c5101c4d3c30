/** `rnn_classifier`: embedding, recurrent layers (both directions, if wanted), the last hidden state, a linear layer. */
import type { Node } from '../graph/graph.js';
import type { Architecture } from './architecture.js';
import { embeddingNode, outputNodes, readClassifier } from './classifier.js';
import type { Config } from './config.js';
import { importLayers, joinOver, readLayers } from './recurrent-layers.js';
import type { Weights } from './weights.js';

export function importRnnClassifier(config: Config, weights: Weights): Architecture {
  const classifier = readClassifier(config, 1);
  const { labels, minTokens, maxTokens, embeddingSize } = classifier;
  const layers = readLayers(config, { bidirectional: true });
  const stack = importLayers(config, weights, layers, 'embedding', embeddingSize);
  const nodes: Node[] = [embeddingNode(weights, classifier), ...stack.nodes];
  const last = stack.outputs.map(({ value, direction }) => {
    nodes.push({ op: 'last_step', output: `${value}.last`, input: value, direction });
    return `${value}.last`;
  });
  const joined = joinOver(nodes, last, 'last');
  nodes.push(...outputNodes(config, weights, labels, joined, last.length * layers.hiddenSize));
  return { kind: 'classifier', nodes, labels, minTokens, maxTokens };
}
