/** Models whose ops are the kernels to be measured on boards; their weights are random. */
import type { ConstantData, DenseSpec, ImageContent, OpSpec, TensorSpec } from '../image/content.js';
import { PER_TOKEN, type TimeForm } from '../image/time.js';
import { writeImage } from '../image/write.js';

/** mulberry32: [0, 1), the same from run to run. */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Collects tensors and ops. */
class Builder {
  readonly tensors: TensorSpec[] = [];
  readonly ops: OpSpec[] = [];
  private readonly next = random(1);
  private stateBytes = 0;
  private scratchBytes = 0;

  constant(dims: number[], data: ConstantData): number {
    return this.tensors.push({ kind: 'constant', dims, data }) - 1;
  }

  weights(rows: number, columns: number): Int8Array {
    return Int8Array.from({ length: rows * columns }, () => Math.floor(this.next() * 255) - 127);
  }

  /** A matrix whose sums become about as large as `bits` bits say. */
  dense(rows: number, columns: number, bits: number, withBias = true): DenseSpec {
    // Σ of random products of int8 is about 127² / 3 · √columns.
    const shift = 30 + Math.round(Math.log2((127 ** 2 / 3) * Math.sqrt(columns))) - bits;
    const bias = Int32Array.from({ length: rows }, () => Math.floor((this.next() - 0.5) * 20_000));
    return {
      weight: this.constant([rows, columns], this.weights(rows, columns)),
      ...(withBias && { bias: this.constant([rows], bias) }),
      multiplier: this.constant(
        [rows],
        Int32Array.from({ length: rows }, () => 2 ** 30 + Math.floor(this.next() * 2 ** 30)),
      ),
      shift: this.constant([rows], new Uint8Array(rows).fill(shift)),
    };
  }

  activation(dtype: 'i8' | 'i16' | 'u16', dims: number[], time?: TimeForm, streamed = false): number {
    const bytes = dims.reduce((a, b) => a * b, dtype === 'i8' ? 1 : 2);
    const offset = streamed ? 0 : this.scratchBytes;
    if (!streamed) this.scratchBytes += Math.ceil(bytes / 16) * 16;
    return this.tensors.push({ kind: 'activation', dtype, dims, ...(time && { time }), offset }) - 1;
  }

  state(dtype: 'i8' | 'i32', size: number): number {
    const offset = this.stateBytes;
    this.stateBytes += Math.ceil((size * (dtype === 'i8' ? 1 : 4)) / 16) * 16;
    return this.tensors.push({ kind: 'state', dtype, dims: [size], offset }) - 1;
  }

  image(
    content: Pick<ImageContent, 'kind' | 'name' | 'labels' | 'minTokens' | 'maxTokens'>,
    vocab: number,
  ): Uint8Array {
    const tokens = Array.from({ length: vocab }, (_, id) => new TextEncoder().encode(`w${id}`));
    return writeImage({
      ...content,
      logitFrac: 8,
      stateBytes: this.stateBytes,
      scratchBytes: this.scratchBytes,
      tensors: this.tensors,
      ops: this.ops,
      tokenizer: {
        kind: 'word_level',
        lowercase: false,
        splitPunctuation: false,
        joinWithSpace: true,
        appendEos: false,
        asciiSpaces: true,
        lineFeed: false,
        wordNgrams: 1,
        bucketCount: 0,
        tokens,
        sortedIds: tokens.map((_, id) => id).sort((a, b) => Buffer.compare(tokens[a]!, tokens[b]!)),
        merges: [],
        byteIds: [],
      },
      metadata: {},
    });
  }
}

/** embedding, `layers` LSTMs, and an output layer tied to the embedding or not. */
export function languageModel(shape: { vocab: number; hidden: number; layers: number; tied?: boolean }): Uint8Array {
  const { vocab, hidden, layers, tied = true } = shape;
  const b = new Builder();
  const output = b.dense(vocab, hidden, 11);
  const step = (): number => b.activation('i8', [1, hidden], PER_TOKEN);
  let input = step();
  const table = tied ? output.weight : b.constant([vocab, hidden], b.weights(vocab, hidden));
  b.ops.push({ op: 'embedding', output: input, table });
  for (let layer = 0; layer < layers; layer++) {
    const out = step();
    b.ops.push({
      op: 'lstm',
      input,
      output: out,
      inputWeights: b.dense(4 * hidden, hidden, 12),
      recurrentWeights: b.dense(4 * hidden, hidden, 12, false),
      hidden: b.state('i8', hidden),
      cell: b.state('i32', hidden),
      direction: 'forward',
    });
    input = out;
  }
  const logits = b.activation('i16', [1, vocab], PER_TOKEN, true);
  b.ops.push({ op: 'linear', input, output: logits, weights: output, activation: 'none' });
  return b.image(
    { kind: 'language_model', name: `lm-${layers}x${hidden}-${vocab}`, labels: [], minTokens: 1, maxTokens: 0 },
    vocab,
  );
}

/** embedding, one conv over `steps` words, a maximum over time, an output layer. */
export function convClassifier(shape: {
  vocab: number;
  channels: number;
  filters: number;
  kernel: number;
  steps: number;
}): Uint8Array {
  const { vocab, channels, filters, kernel, steps } = shape;
  const labels = ['no', 'yes'];
  const b = new Builder();
  const words = b.activation('i8', [steps, channels], PER_TOKEN);
  b.ops.push({ op: 'embedding', output: words, table: b.constant([vocab, channels], b.weights(vocab, channels)) });
  // As many steps as words: "same" padding.
  const pad = (kernel - 1) >> 1;
  const maps = b.activation('i8', [steps, filters], { factor: 1, divisor: 1, offset: 0 });
  b.ops.push({
    op: 'conv',
    input: words,
    output: maps,
    window: b.activation('i8', [kernel * channels]),
    weights: b.dense(filters, kernel * channels, 6),
    kernel: [kernel, 1],
    stride: [1, 1],
    dilation: [1, 1],
    upsample: [1, 1],
    padBegin: [pad, 0],
    padEnd: [kernel - 1 - pad, 0],
    groups: 1,
    channels,
    activation: 'relu',
  });
  const pooled = b.activation('i8', [filters]);
  b.ops.push({
    op: 'pool',
    input: maps,
    output: pooled,
    channels: filters,
    kernel: [0, 1],
    stride: [1, 1],
    padBegin: [0, 0],
    padEnd: [0, 0],
    mode: 'max',
    order: 0,
    gain: 0,
    countPadding: false,
    multiplier: 0,
    shift: 0,
  });
  const logits = b.activation('i16', [labels.length]);
  b.ops.push({ op: 'linear', input: pooled, output: logits, weights: b.dense(2, filters, 11), activation: 'none' });
  b.ops.push({ op: 'softmax', input: logits, output: b.activation('u16', [labels.length]) });
  return b.image({ kind: 'classifier', name: 'conv', labels, minTokens: 1, maxTokens: steps }, vocab);
}
