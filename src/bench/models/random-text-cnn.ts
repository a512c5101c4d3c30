/** Kim's (2014) sentence classifier of a given shape with random weights, as a float graph. */
import type { Graph } from '../../graph/graph.js';
import { convOverTime, poolOverTime } from '../../graph/nodes.js';
import { numberedWords, randomWeights } from './random.js';

export interface TextCnnShape {
  readonly vocabSize: number;
  readonly embeddingSize: number;
  readonly widths: readonly number[];
  /** Of each width. */
  readonly filters: number;
  readonly labels: number;
}

/** Longest sentence of the model. */
const MAX_TOKENS = 64;

/** Initialised like PyTorch, embeddings of variance 1. */
export function randomTextCnn(shape: TextCnnShape, seed: number): Graph {
  const { vocabSize, embeddingSize, widths, filters, labels } = shape;
  const weight = randomWeights(seed);
  const uniform = (name: string, rows: number, columns: number, ...dims: number[]) =>
    weight(1 / Math.sqrt(columns), name, rows, ...dims);
  const features = widths.length * filters;
  return {
    name: `random-text-cnn-${embeddingSize}`,
    kind: 'classifier',
    nodes: [
      {
        op: 'embedding',
        output: 'embedding',
        table: weight(Math.sqrt(3), 'embedding.weight', vocabSize, embeddingSize),
      },
      ...widths.map((width) =>
        convOverTime(
          { output: `conv${width}`, input: 'embedding' },
          uniform(`conv${width}.weight`, filters, width * embeddingSize, width, embeddingSize),
          uniform(`conv${width}.bias`, filters, width * embeddingSize),
          'relu',
        ),
      ),
      ...widths.map((width) => poolOverTime({ output: `pool${width}`, input: `conv${width}` }, 'max', filters)),
      { op: 'concat', output: 'concat', inputs: widths.map((width) => `pool${width}`) },
      {
        op: 'linear',
        output: 'logits',
        input: 'concat',
        weight: uniform('output.weight', labels, features, features),
        bias: uniform('output.bias', labels, features),
        activation: 'none',
      },
      { op: 'softmax', output: 'scores', input: 'logits' },
    ],
    tokenizer: numberedWords(vocabSize),
    labels: Array.from({ length: labels }, (_, i) => `label${i}`),
    minTokens: Math.max(...widths),
    maxTokens: MAX_TOKENS,
    padId: 0,
    metadata: {},
  };
}
