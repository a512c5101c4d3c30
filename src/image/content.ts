/** What an image says, before it has bytes: the quantizer makes it, `writeImage` lays it out. */
import type { Activation, OverTime, PoolMode } from '../schema/image.js';
import type { TokenizerTables } from '../tokenizer/tables.js';
import type { TimeForm } from './time.js';

export type ConstantData = Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array;

/** A constant: dtype follows from the array's type, offset is chosen when written. */
export interface ConstantSpec {
  readonly kind: 'constant';
  readonly dims: readonly number[];
  readonly data: ConstantData;
  /** Real value of one unit; omitted if every row has its own. */
  readonly scale?: number;
}

/** An activation (offset in scratch) or state (offset in the state block), planned by the quantizer. */
export interface BufferSpec {
  readonly kind: 'activation' | 'state';
  readonly dtype: 'i8' | 'i16' | 'i32' | 'u16';
  readonly dims: readonly number[];
  /** Given if dims[0] is time. */
  readonly time?: TimeForm;
  readonly offset: number;
  readonly scale?: number;
}

export type TensorSpec = ConstantSpec | BufferSpec;

/** Tensor ids (positions in `ImageContent.tensors`) of a quantized matrix. */
export interface DenseSpec {
  readonly weight: number;
  readonly bias?: number;
  readonly multiplier: number;
  readonly shift: number;
}

/** [time, width], or the two operands of an op. */
export type Pair = readonly [number, number];

export type ActivationName = keyof typeof Activation.values;
export type OverTimeName = keyof typeof OverTime.values;
export type PoolModeName = keyof typeof PoolMode.values;

/** How a recurrent layer walks through time. */
export type DirectionName = 'forward' | 'reverse';

export type OpSpec =
  | {
      readonly op: 'embedding';
      readonly output: number;
      readonly table: number;
      readonly multiplier?: number;
      readonly shift?: number;
    }
  | {
      readonly op: 'lstm';
      readonly input: number;
      readonly output: number;
      readonly inputWeights: DenseSpec;
      readonly recurrentWeights: DenseSpec;
      readonly hidden: number;
      readonly cell: number;
      readonly direction: DirectionName;
    }
  | {
      readonly op: 'gru';
      readonly input: number;
      readonly output: number;
      readonly inputWeights: DenseSpec;
      readonly recurrentWeights: DenseSpec;
      readonly hidden: number;
      readonly wide: number;
      readonly direction: DirectionName;
      readonly reset: 'after' | 'before';
    }
  | {
      readonly op: 'rnn';
      readonly input: number;
      readonly output: number;
      readonly inputWeights: DenseSpec;
      readonly recurrentWeights: DenseSpec;
      readonly hidden: number;
      readonly direction: DirectionName;
    }
  | {
      readonly op: 'conv';
      readonly input: number;
      readonly output: number;
      /** Scratch for one window; omitted if all lie in one piece. */
      readonly window?: number;
      readonly weights: DenseSpec;
      readonly kernel: Pair;
      readonly stride: Pair;
      readonly dilation: Pair;
      readonly upsample: Pair;
      readonly padBegin: Pair;
      readonly padEnd: Pair;
      readonly groups: number;
      readonly channels: number;
      readonly activation: ActivationName;
      /** Omitted: every_step. */
      readonly overTime?: OverTimeName;
    }
  | {
      readonly op: 'pool';
      readonly input: number;
      readonly output: number;
      readonly channels: number;
      /** Time 0: all steps. */
      readonly kernel: Pair;
      readonly stride: Pair;
      readonly padBegin: Pair;
      readonly padEnd: Pair;
      readonly mode: PoolModeName;
      /** Of an Lp pool, else 0; so are gain (average), multiplier and shift (Lp). */
      readonly order: number;
      readonly gain: number;
      readonly countPadding: boolean;
      readonly multiplier: number;
      readonly shift: number;
    }
  | {
      readonly op: 'add';
      readonly inputs: Pair;
      readonly output: number;
      readonly multipliers: Pair;
      readonly shift: number;
      readonly activation: ActivationName;
    }
  | {
      readonly op: 'mul';
      readonly inputs: Pair;
      readonly output: number;
      readonly multiplier: number;
      readonly shift: number;
      readonly activation: ActivationName;
    }
  | { readonly op: 'last_step'; readonly input: number; readonly output: number; readonly direction: DirectionName }
  | { readonly op: 'concat'; readonly inputs: readonly number[]; readonly output: number }
  | {
      readonly op: 'linear';
      readonly input: number;
      readonly output: number;
      readonly weights: DenseSpec;
      readonly activation: ActivationName;
    }
  | { readonly op: 'softmax'; readonly input: number; readonly output: number };

export interface ImageContent {
  readonly kind: 'language_model' | 'classifier';
  readonly name: string;
  readonly labels: readonly string[];
  readonly minTokens: number;
  readonly maxTokens: number;
  readonly bosId?: number;
  readonly eosId?: number;
  readonly padId?: number;
  readonly logitFrac: number;
  readonly stateBytes: number;
  readonly scratchBytes: number;
  readonly tensors: readonly TensorSpec[];
  readonly ops: readonly OpSpec[];
  readonly tokenizer: TokenizerTables;
  readonly metadata: Readonly<Record<string, unknown>>;
}
