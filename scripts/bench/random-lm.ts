/** A stacked LSTM language model of a given shape with random weights, as a float graph. */
import type { Graph, LstmNode, Weight } from '../../src/graph/graph.js';
import { randomSource, uniform } from './random.js';

export interface LmShape {
  readonly vocabSize: number;
  readonly layers: number;
  /** Also the embedding size. */
  readonly hiddenSize: number;
}

/**
 * Initialised like PyTorch: matrices uniform in ±1/√hidden_size, embeddings of variance 1. The output bias is 0, else
 * it alone would choose the words. Words are w0, w1, …
 */
export function randomLanguageModel({ vocabSize, layers, hiddenSize }: LmShape, seed: number): Graph {
  const random = randomSource(seed);
  const matrix = 1 / Math.sqrt(hiddenSize);
  const weight = (limit: number, name: string, ...shape: number[]): Weight => ({
    name,
    shape,
    data: uniform(
      random,
      shape.reduce((n, dim) => n * dim, 1),
      limit,
    ),
  });
  const lstm = (layer: number): LstmNode => ({
    op: 'lstm',
    direction: 'forward',
    output: `lstm${layer}`,
    input: layer === 0 ? 'embedding' : `lstm${layer - 1}`,
    inputWeight: weight(matrix, `lstm.weight_ih_l${layer}`, 4 * hiddenSize, hiddenSize),
    recurrentWeight: weight(matrix, `lstm.weight_hh_l${layer}`, 4 * hiddenSize, hiddenSize),
    bias: weight(matrix, `lstm.bias_l${layer}`, 4 * hiddenSize),
  });
  const tokens = Array.from({ length: vocabSize }, (_, id) => `w${id}`);
  const sortedIds = tokens.map((_, id) => id).sort((a, b) => (tokens[a]! < tokens[b]! ? -1 : 1));
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
    tokenizer: {
      kind: 'word_level',
      lowercase: false,
      splitPunctuation: false,
      joinWithSpace: true,
      appendEos: false,
      asciiSpaces: false,
      lineFeed: false,
      wordNgrams: 1,
      bucketCount: 0,
      unkId: 0,
      tokens: tokens.map((token) => new TextEncoder().encode(token)),
      sortedIds,
      merges: [],
      byteIds: [],
    },
    labels: [],
    minTokens: 1,
    maxTokens: 0,
    bosId: 1,
    metadata: {},
  };
}
