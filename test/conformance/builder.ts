/** Builds small images of random weights: deterministic, shaped to reach every op and both ends of every range. */
import { Pcg32 } from '../../src/engine/reference/pcg32';
import type {
  ActivationName,
  DenseSpec,
  DirectionName,
  ImageContent,
  OpSpec,
  OverTimeName,
  Pair,
  PoolModeName,
  TensorSpec,
} from '../../src/image/content';
import { composeTime, PER_TOKEN, positionsOf, stepsOf, type AxisWindows, type TimeForm } from '../../src/image/time';
import { vocabSizeOf, type TokenizerTables } from '../../src/tokenizer/tables';

/** How weights are drawn: uniformly, or only ±127. */
export type Fill = 'uniform' | 'extreme';

/** RMS a matrix's output should have, in units of its output; accumulators are scaled to it. */
const GATE = 6000;
const I8 = 50;

/** What a conv or pool does, [time, width]; by default nothing special. */
export interface Windows {
  readonly channels?: number;
  readonly kernel?: Pair;
  readonly stride?: Pair;
  readonly padBegin?: Pair;
  readonly padEnd?: Pair;
}

export interface ConvOptions extends Windows {
  readonly dilation?: Pair;
  readonly upsample?: Pair;
  readonly groups?: number;
  readonly activation?: ActivationName;
  readonly bias?: boolean;
  readonly overTime?: OverTimeName;
}

export interface PoolOptions extends Windows {
  readonly order?: number;
  readonly gain?: number;
  readonly countPadding?: boolean;
}

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
    return vocabSizeOf(this.base.tokenizer);
  }

  /** [time, size]; with `rescale` every row has a multiplier of its own. */
  embedding(size: number, rescale: boolean): number {
    const output = this.activation('i8', [this.base.maxTokens || 1, size], PER_TOKEN);
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
      output: this.activation('i8', [steps, size], this.time(input)),
      inputWeights: this.dense(this.weights(gates * size, columns), GATE, true),
      recurrentWeights: this.dense(this.weights(gates * size, size), GATE, secondBias),
      hidden: this.stateTensor('i8', size),
    };
  }

  /** `channels` of the input are by default all its features, so that its width is 1. */
  conv(input: number, filters: number, options: ConvOptions = {}): number {
    const { dilation = ONES, upsample = ONES, groups = 1, activation = 'none', bias = true, overTime } = options;
    const windows = { ...this.windows(input, options), dilation, upsample };
    const columns = (windows.kernel[0] * windows.kernel[1] * windows.channels) / groups;
    const output =
      overTime === 'largest'
        ? this.activation('i8', [filters * this.positions(input, windows, 1)])
        : this.windowed(input, windows, filters);
    const gathered = groups > 1 || !this.inOnePiece(input, windows);
    const window = gathered ? { window: this.activation('i8', [columns]) } : {};
    const rms = isTable(activation) ? GATE : I8;
    const weights = this.dense(this.weights(filters, columns), rms, bias);
    this.ops.push({ op: 'conv', input, output, ...window, weights, ...windows, groups, activation, overTime });
    return output;
  }

  /** Time 0 in the kernel: all steps. */
  pool(input: number, mode: PoolModeName, options: PoolOptions = {}): number {
    const { order = 0, gain = 0, countPadding = false } = options;
    const windows = this.windows(input, options);
    const output =
      windows.kernel[0] === 0
        ? this.activation('i8', [windows.channels * this.positions(input, windows, 1)])
        : this.windowed(input, windows, windows.channels);
    const size = (windows.kernel[0] || 8) * windows.kernel[1];
    const { multiplier, shift } = order > 0 ? this.scale(256 * 60 * size ** (1 / order), I8) : NO_SCALE;
    this.ops.push({ op: 'pool', input, output, ...windows, mode, order, gain, countPadding, multiplier, shift });
    return output;
  }

  add(a: number, b: number, activation: ActivationName = 'none'): number {
    const output = this.activation('i8', this.dims(a), this.time(a));
    const { multiplier, shift } = this.scale(60, isTable(activation) ? GATE : I8);
    const second = this.fill === 'extreme' ? 2 ** 31 - 1 : this.random.next() / 2;
    const multipliers = [multiplier, this.random.next() & 1 ? second : -second].map(Math.trunc) as [number, number];
    this.ops.push({ op: 'add', inputs: [a, b], output, multipliers, shift, activation });
    return output;
  }

  mul(a: number, b: number, activation: ActivationName = 'none'): number {
    const output = this.activation('i8', this.dims(a), this.time(a));
    this.ops.push({
      op: 'mul',
      inputs: [a, b],
      output,
      ...this.scale(60 * 60, isTable(activation) ? GATE : I8),
      activation,
    });
    return output;
  }

  lastStep(input: number, direction: DirectionName): number {
    const output = this.activation('i8', [this.dims(input)[1]!]);
    this.ops.push({ op: 'last_step', input, output, direction });
    return output;
  }

  concat(inputs: number[]): number {
    const time = this.time(inputs[0]!);
    const channels = inputs.reduce((sum, id) => sum + this.dims(id).at(-1)!, 0);
    const output = this.activation('i8', [...this.dims(inputs[0]!).slice(0, -1), channels], time);
    this.ops.push({ op: 'concat', inputs, output });
    return output;
  }

  /** @param rms of the output, in its units; @param weight a weight to share, else a new one */
  linear(
    input: number,
    rows: number,
    options: { dtype: 'i8' | 'i16'; rms?: number; bias?: boolean; activation?: ActivationName; weight?: number },
  ): number {
    const { dtype, bias = true, activation = 'none' } = options;
    const { rms = isTable(activation) ? GATE : I8 } = options;
    const time = this.time(input);
    const dims = this.dims(input);
    const streamed = dtype === 'i16' && this.base.kind === 'language_model';
    const output = this.activation(dtype, time ? [dims[0]!, rows] : [rows], time, streamed);
    const weight = options.weight ?? this.weights(rows, dims.at(-1)!);
    this.ops.push({ op: 'linear', input, output, weights: this.dense(weight, rms, bias), activation });
    return output;
  }

  softmax(input: number): number {
    const output = this.activation('u16', this.dims(input));
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

  private tensor(tensor: TensorSpec): number {
    return this.tensors.push(tensor) - 1;
  }

  private time(id: number): TimeForm | undefined {
    return (this.tensors[id] as { time?: TimeForm }).time;
  }

  private windows(input: number, options: Windows) {
    const { channels = this.dims(input).at(-1)!, kernel = ONES, stride = ONES } = options;
    return { channels, kernel, stride, padBegin: options.padBegin ?? ZEROS, padEnd: options.padEnd ?? ZEROS };
  }

  /** Output positions on an axis. */
  private positions(input: number, windows: Gathering, axis: 0 | 1): number {
    const dims = this.dims(input);
    const n = axis === 1 ? dims.at(-1)! / windows.channels : dims.length === 2 ? dims[0]! : 1;
    return positionsOf(n, axisOf(windows, axis));
  }

  private windowed(input: number, windows: Gathering, filters: number): number {
    const features = this.positions(input, windows, 1) * filters;
    const before = this.time(input);
    if (!before) return this.activation('i8', [features]);
    const time = composeTime(before, axisOf(windows, 0));
    if (!time) throw new Error('upsampling after a stride');
    return this.activation('i8', [stepsOf(time, this.base.maxTokens || 1), features], time);
  }

  private inOnePiece(input: number, { channels, kernel, padBegin, padEnd, ...more }: Gathering): boolean {
    const { dilation = ONES, upsample = ONES } = more;
    if ([...padBegin, ...padEnd].some((pad) => pad > 0) || upsample.some((by) => by > 1)) return false;
    const wholeSteps = kernel[1] * channels === this.dims(input).at(-1)!;
    const overWidth = kernel[1] === 1 || dilation[1] === 1;
    return overWidth && (kernel[0] === 1 || (dilation[0] === 1 && wholeSteps));
  }

  private activation(dtype: 'i8' | 'i16' | 'u16', dims: readonly number[], time?: TimeForm, streamed = false): number {
    const bytes = dims.reduce((a, b) => a * b, dtype === 'i8' ? 1 : 2);
    const offset = streamed ? 0 : this.scratch;
    if (!streamed) this.scratch += Math.ceil(bytes / 16) * 16;
    return this.tensor({ kind: 'activation', dtype, dims, ...(time ? { time } : {}), offset, scale: 0.03125 });
  }

  private stateTensor(dtype: 'i8' | 'i32', size: number): number {
    const offset = this.state;
    this.state += Math.ceil((size * (dtype === 'i8' ? 1 : 4)) / 16) * 16;
    return this.tensor({ kind: 'state', dtype, dims: [size], offset });
  }

  private weights(rows: number, columns: number): number {
    const data = Int8Array.from({ length: rows * columns }, () => {
      const word = this.random.next();
      if (this.fill === 'extreme') return word & 1 ? 127 : -127;
      return (word % 255) - 127;
    });
    return this.tensor({ kind: 'constant', dims: [rows, columns], data });
  }

  private dense(weight: number, rms: number, bias: boolean): DenseSpec {
    const [rows, columns] = this.dims(weight) as [number, number];
    const accumulator = 73 * 60 * Math.sqrt(columns);
    const biasId = bias
      ? this.tensor({
          kind: 'constant',
          dims: [rows],
          data: Int32Array.from({ length: rows }, () => Math.trunc((this.random.next() / 2 ** 31 - 1) * accumulator)),
        })
      : undefined;
    return { weight, ...(biasId === undefined ? {} : { bias: biasId }), ...this.multipliers(rows, accumulator, rms) };
  }

  /** One multiplier in 16 is 0, whose row then is 0. In an extreme image everything is eight times too large. */
  private multipliers(rows: number, from: number, to: number): { multiplier: number; shift: number } {
    const scales = Array.from({ length: rows }, () => this.scale(from, to, this.random.next() % 16 === 0));
    return {
      multiplier: this.tensor({
        kind: 'constant',
        dims: [rows],
        data: Int32Array.from(scales, ({ multiplier }) => multiplier),
      }),
      shift: this.tensor({ kind: 'constant', dims: [rows], data: Uint8Array.from(scales, ({ shift }) => shift) }),
    };
  }

  /** A random scale that makes about `to` of `from`. */
  private scale(from: number, to: number, zero = false): { multiplier: number; shift: number } {
    const gain = (this.fill === 'extreme' ? 8 : 1) * (to / from);
    const multiplier = zero ? 0 : 2 ** 30 + (this.random.next() % 2 ** 30);
    const shift = Math.min(62, Math.max(17, Math.round(Math.log2((multiplier || 2 ** 30) / gain))));
    return { multiplier, shift };
  }
}

const ONES: Pair = [1, 1];
const ZEROS: Pair = [0, 0];
const NO_SCALE = { multiplier: 0, shift: 0 };

type Gathering = Required<Windows> & Pick<ConvOptions, 'dilation' | 'upsample'>;

function axisOf({ kernel, stride, padBegin, padEnd, ...more }: Gathering, axis: 0 | 1): AxisWindows {
  const { dilation = ONES, upsample = ONES } = more;
  return {
    kernel: kernel[axis],
    stride: stride[axis],
    dilation: dilation[axis],
    upsample: upsample[axis],
    padBegin: padBegin[axis],
    padEnd: padEnd[axis],
  };
}

/** Whether what comes in is Q3.12. */
function isTable(activation: ActivationName): boolean {
  return activation === 'tanh' || activation === 'sigmoid';
}
