/** `rnn_classifier`: embedding, recurrent layers (both directions, if wanted), the last hidden state or a pool over all, a linear layer. */
import type { Node } from '../graph/graph.js';
import type { Architecture } from './architecture.js';
import { embeddingNode, outputNodes, readClassifier } from './classifier.js';
import type { Config } from './config.js';
import { poolNode, readPoolingOrLast } from './pooling.js';
import { importLayers, joinOver, readLayers } from './recurrent-layers.js';
import type { Weights } from './weights.js';

export function importRnnClassifier(config: Config, weights: Weights): Architecture {
  const classifier = readClassifier(config, 1);
  const { labels, minTokens, maxTokens, embeddingSize } = classifier;
  const pooling = readPoolingOrLast(config);
  const layers = readLayers(config, { bidirectional: true });
  const stack = importLayers(config, weights, layers, 'embedding', embeddingSize);
  const nodes: Node[] = [embeddingNode(weights, classifier), ...stack.nodes];
  const ends = stack.outputs.map(({ value, direction }) => {
    const output = `${value}.${pooling === 'last' ? 'last' : pooling.mode}`;
    nodes.push(
      pooling === 'last'
        ? { op: 'last_step', output, input: value, direction }
        : poolNode(output, value, pooling, layers.hiddenSize),
    );
    return output;
  });
  const joined = joinOver(nodes, ends, 'ends');
  nodes.push(...outputNodes(config, weights, labels, joined, ends.length * layers.hiddenSize));
  return { kind: 'classifier', nodes, labels, minTokens, maxTokens };
}
