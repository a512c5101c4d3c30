/** A stacked LSTM language model of a given shape with random weights, as a float graph. */
import type { Graph, LstmNode } from '../../graph/graph.js';
import { numberedWords, randomWeights } from './random.js';

export interface LmShape {
  readonly vocabSize: number;
  readonly layers: number;
  /** Also the embedding size. */
  readonly hiddenSize: number;
}

/** The token that comes before every text. */
export const BOS = 1;

/**
 * Initialised like PyTorch: matrices uniform in ±1/√hidden_size, embeddings of variance 1. The output bias is 0, else
 * it alone would choose the words. Words are w0, w1, …
 */
export function randomLanguageModel({ vocabSize, layers, hiddenSize }: LmShape, seed: number): Graph {
  const weight = randomWeights(seed);
  const matrix = 1 / Math.sqrt(hiddenSize);
  const lstm = (layer: number): LstmNode => ({
    op: 'lstm',
    direction: 'forward',
    output: `lstm${layer}`,
    input: layer === 0 ? 'embedding' : `lstm${layer - 1}`,
    inputWeight: weight(matrix, `lstm.weight_ih_l${layer}`, 4 * hiddenSize, hiddenSize),
    recurrentWeight: weight(matrix, `lstm.weight_hh_l${layer}`, 4 * hiddenSize, hiddenSize),
    bias: weight(matrix, `lstm.bias_l${layer}`, 4 * hiddenSize),
  });
  return {
    name: `random-lm-${layers}x${hiddenSize}`,
    kind: 'language_model',
    nodes: [
      { op: 'embedding', output: 'embedding', table: weight(Math.sqrt(3), 'embedding.weight', vocabSize, hiddenSize) },
      ...Array.from({ length: layers }, (_, layer) => lstm(layer)),
      {
        op: 'linear',
        output: 'logits',
        input: `lstm${layers - 1}`,
        weight: weight(matrix, 'decoder.weight', vocabSize, hiddenSize),
        bias: weight(0, 'decoder.bias', vocabSize),
        activation: 'none',
      },
    ],
    tokenizer: numberedWords(vocabSize),
    labels: [],
    minTokens: 1,
    maxTokens: 0,
    bosId: BOS,
    metadata: {},
  };
}
