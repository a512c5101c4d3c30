/** Builds small images of random weights: deterministic, shaped to reach every op and both ends of every range. */
import { Pcg32 } from '../../src/engine/reference/pcg32';
import type { DenseSpec, DirectionName, ImageContent, OpSpec, TensorSpec } from '../../src/image/content';
import type { TokenizerTables } from '../../src/tokenizer/tables';

/** How weights are drawn: uniformly, or only ±127. */
export type Fill = 'uniform' | 'extreme';

/** RMS a matrix's output should have, in units of its output; accumulators are scaled to it. */
const GATE = 6000;
const I8 = 50;

export class ImageBuilder {
  readonly tensors: TensorSpec[] = [];
  readonly ops: OpSpec[] = [];
  private readonly random: Pcg32;
  private scratch = 0;
  private state = 0;

  constructor(
    private readonly base: Pick<ImageContent, 'kind' | 'name' | 'labels' | 'minTokens' | 'maxTokens' | 'logitFrac'> &
      Partial<Pick<ImageContent, 'bosId' | 'eosId' | 'padId'>> & { readonly tokenizer: TokenizerTables },
    seed: number,
    private readonly fill: Fill = 'uniform',
  ) {
    this.random = new Pcg32(seed);
  }

  get vocabSize(): number {
    return this.base.tokenizer.tokens.length;
  }

  /** [time, size]; with `rescale` every row has a multiplier of its own. */
  embedding(size: number, rescale: boolean): number {
    const output = this.activation('i8', [this.base.maxTokens || 1, size], true);
    const table = this.weights(this.vocabSize, size);
    this.ops.push({
      op: 'embedding',
      output,
      table,
      ...(rescale ? this.multipliers(this.vocabSize, 73, I8) : {}),
    });
    return output;
  }

  /** The table of the embedding, to tie it. */
  get table(): number {
    const [first] = this.ops;
    if (first?.op !== 'embedding') throw new Error('no embedding yet');
    return first.table;
  }

  lstm(input: number, size: number, direction: DirectionName = 'forward'): number {
    const layer = this.recurrent(input, size, 4, false);
    this.ops.push({ op: 'lstm', ...layer, cell: this.stateTensor('i32', size), direction });
    return layer.output;
  }

  gru(
    input: number,
    size: number,
    reset: 'after' | 'before',
    { bias = true, direction = 'forward' as DirectionName } = {},
  ): number {
    const layer = this.recurrent(input, size, 3, bias);
    this.ops.push({ op: 'gru', ...layer, wide: this.stateTensor('i32', size), direction, reset });
    return layer.output;
  }

  rnn(input: number, size: number, direction: DirectionName = 'forward'): number {
    const layer = this.recurrent(input, size, 1, false);
    this.ops.push({ op: 'rnn', ...layer, direction });
    return layer.output;
  }

  private recurrent(input: number, size: number, gates: number, secondBias: boolean) {
    const [steps, columns] = this.dims(input) as [number, number];
    return {
      input,
      output: this.activation('i8', [steps, size], true),
      inputWeights: this.dense(this.weights(gates * size, columns), GATE, true),
      recurrentWeights: this.dense(this.weights(gates * size, size), GATE, secondBias),
      hidden: this.stateTensor('i8', size),
    };
  }

  conv1d(input: number, filters: number, width: number, activation: 'none' | 'relu'): number {
    const [steps, channels] = this.dims(input) as [number, number];
    const output = this.activation('i8', [steps - width + 1, filters], true);
    const weights = this.dense(this.weights(filters, width * channels), I8, true);
    this.ops.push({ op: 'conv1d', input, output, weights, width, activation });
    return output;
  }

  maxOverTime(input: number): number {
    const output = this.activation('i8', [this.dims(input)[1]!], false);
    this.ops.push({ op: 'max_over_time', input, output });
    return output;
  }

  meanOverTime(input: number, shift: number): number {
    const output = this.activation('i8', [this.dims(input)[1]!], false);
    this.ops.push({ op: 'mean_over_time', input, output, shift });
    return output;
  }

  lastStep(input: number, direction: DirectionName): number {
    const output = this.activation('i8', [this.dims(input)[1]!], false);
    this.ops.push({ op: 'last_step', input, output, direction });
    return output;
  }

  concat(inputs: number[]): number {
    const { time } = this.tensors[inputs[0]!] as { time: boolean };
    const channels = inputs.reduce((sum, id) => sum + this.dims(id).at(-1)!, 0);
    const output = this.activation('i8', [...this.dims(inputs[0]!).slice(0, -1), channels], time);
    this.ops.push({ op: 'concat', inputs, output });
    return output;
  }

  /** @param rms of the output, in its units; @param weight a weight to share, else a new one */
  linear(
    input: number,
    rows: number,
    options: { dtype: 'i8' | 'i16'; rms?: number; bias?: boolean; activation?: 'none' | 'relu'; weight?: number },
  ): number {
    const { dtype, rms = I8, bias = true, activation = 'none' } = options;
    const { time } = this.tensors[input] as { time: boolean };
    const dims = this.dims(input);
    const streamed = dtype === 'i16' && this.base.kind === 'language_model';
    const output = this.activation(dtype, time ? [dims[0]!, rows] : [rows], time, streamed);
    const weight = options.weight ?? this.weights(rows, dims.at(-1)!);
    this.ops.push({ op: 'linear', input, output, weights: this.dense(weight, rms, bias), activation });
    return output;
  }

  softmax(input: number): number {
    const output = this.activation('u16', this.dims(input), false);
    this.ops.push({ op: 'softmax', input, output });
    return output;
  }

  finish(metadata: Record<string, unknown>): ImageContent {
    return {
      ...this.base,
      stateBytes: this.state,
      scratchBytes: this.scratch,
      tensors: this.tensors,
      ops: this.ops,
      metadata,
    };
  }

  private dims(id: number): readonly number[] {
    return this.tensors[id]!.dims;
  }

  private add(tensor: TensorSpec): number {
    return this.tensors.push(tensor) - 1;
  }

  private activation(dtype: 'i8' | 'i16' | 'u16', dims: readonly number[], time: boolean, streamed = false): number {
    const bytes = dims.reduce((a, b) => a * b, dtype === 'i8' ? 1 : 2);
    const offset = streamed ? 0 : this.scratch;
    if (!streamed) this.scratch += Math.ceil(bytes / 16) * 16;
    return this.add({ kind: 'activation', dtype, dims, time, offset, scale: 0.03125 });
  }

  private stateTensor(dtype: 'i8' | 'i32', size: number): number {
    const offset = this.state;
    this.state += Math.ceil((size * (dtype === 'i8' ? 1 : 4)) / 16) * 16;
    return this.add({ kind: 'state', dtype, dims: [size], time: false, offset });
  }

  private weights(rows: number, columns: number): number {
    const data = Int8Array.from({ length: rows * columns }, () => {
      const word = this.random.next();
      if (this.fill === 'extreme') return word & 1 ? 127 : -127;
      return (word % 255) - 127;
    });
    return this.add({ kind: 'constant', dims: [rows, columns], data });
  }

  private dense(weight: number, rms: number, bias: boolean): DenseSpec {
    const [rows, columns] = this.dims(weight) as [number, number];
    const accumulator = 73 * 60 * Math.sqrt(columns);
    const biasId = bias
      ? this.add({
          kind: 'constant',
          dims: [rows],
          data: Int32Array.from({ length: rows }, () => Math.trunc((this.random.next() / 2 ** 31 - 1) * accumulator)),
        })
      : undefined;
    return { weight, ...(biasId === undefined ? {} : { bias: biasId }), ...this.multipliers(rows, accumulator, rms) };
  }

  /** One multiplier in 16 is 0, whose row then is 0. In an extreme image everything is eight times too large. */
  private multipliers(rows: number, from: number, to: number): { multiplier: number; shift: number } {
    const gain = (this.fill === 'extreme' ? 8 : 1) * (to / from);
    const multiplier = Int32Array.from({ length: rows }, () =>
      this.random.next() % 16 === 0 ? 0 : 2 ** 30 + (this.random.next() % 2 ** 30),
    );
    const shift = Uint8Array.from(multiplier, (m) =>
      Math.min(62, Math.max(17, Math.round(Math.log2((m || 2 ** 30) / gain)))),
    );
    return {
      multiplier: this.add({ kind: 'constant', dims: [rows], data: multiplier }),
      shift: this.add({ kind: 'constant', dims: [rows], data: shift }),
    };
  }
}
