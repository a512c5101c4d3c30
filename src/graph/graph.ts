/**
 * The float model between import and quantization: a list of nodes in execution order, joined by
 * named values. Every value is [time, features] or, after pooling over all time, [features]. Convolution and
 * pooling see the features of a step as [width, channels].
 */
import type { TokenizerTables } from '../tokenizer/tables.js';

/** A float32 weight, row-major. */
export interface Weight {
  /** Name in the checkpoint, for messages. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

interface NodeBase {
  /** Unique name of the value the node produces, also the layer's name in reports. */
  readonly output: string;
}

export interface EmbeddingNode extends NodeBase {
  readonly op: 'embedding';
  /** [vocab_size, embedding_size] */
  readonly table: Weight;
}

interface RecurrentNodeBase extends NodeBase {
  readonly input: string;
  /** [gates · hidden_size, input_size] */
  readonly inputWeight: Weight;
  /** [gates · hidden_size, hidden_size] */
  readonly recurrentWeight: Weight;
  /** [gates · hidden_size], both of PyTorch's biases added wherever they are only ever added. */
  readonly bias: Weight;
  /** reverse: from the last step to the first, in a classifier. */
  readonly direction: 'forward' | 'reverse';
}

/** Gates i, f, g, o (PyTorch's order). */
export interface LstmNode extends RecurrentNodeBase {
  readonly op: 'lstm';
}

/** Gates r, z, n (PyTorch's order). */
export interface GruNode extends RecurrentNodeBase {
  readonly op: 'gru';
  /** Where r acts: on the product of recurrent matrix and h (PyTorch), or on h before it. */
  readonly reset: 'after' | 'before';
  /** [3·hidden_size], reset after only: what r scales along with the product; 0 in the rows of r and z. */
  readonly recurrentBias?: Weight;
}

/** h = tanh(W·x + R·h + b): one gate. */
export interface RnnNode extends RecurrentNodeBase {
  readonly op: 'rnn';
}

export type RecurrentNode = LstmNode | GruNode | RnnNode;

/** [time, width] */
export type Pair = readonly [time: number, width: number];

/** Fused into the layer it follows. */
export type Activation = 'none' | 'relu' | 'tanh' | 'sigmoid';

/** Where the windows of a convolution or a pool lie. */
export interface Windows {
  readonly stride: Pair;
  readonly padBegin: Pair;
  readonly padEnd: Pair;
}

export interface ConvNode extends NodeBase, Windows {
  readonly op: 'conv';
  readonly input: string;
  /** [filters, kernel over time, kernel over width, channels / groups] */
  readonly weight: Weight;
  readonly bias: Weight;
  readonly dilation: Pair;
  /** The stride of a transposed convolution, whose kernel is stored turned round; else 1. */
  readonly upsample: Pair;
  readonly groups: number;
  readonly activation: Activation;
  /** 'largest': only the largest of all steps is kept, after which there is no time. Omitted: every step. */
  readonly overTime?: 'largest';
}

export interface PoolNode extends NodeBase, Windows {
  readonly op: 'pool';
  readonly input: string;
  readonly mode: 'max' | 'average' | 'lp';
  readonly channels: number;
  /** Over time: all steps there are, after which there is no time. */
  readonly kernel: readonly [time: number | 'all', width: number];
  /** Of an Lp pool: (Σ|x|^order)^(1/order); else 0. */
  readonly order: number;
  /** An average divides by the size of the window, padding and all. */
  readonly countPadding: boolean;
}

/** a + b, or a − b. */
export interface AddNode extends NodeBase {
  readonly op: 'add';
  readonly inputs: readonly [string, string];
  readonly subtract: boolean;
  readonly activation: Activation;
}

/** a · b, element by element. */
export interface MulNode extends NodeBase {
  readonly op: 'mul';
  readonly inputs: readonly [string, string];
  readonly activation: Activation;
}

/** The step a recurrent layer of this direction ends with: the last, or the first. */
export interface LastStepNode extends NodeBase {
  readonly op: 'last_step';
  readonly input: string;
  readonly direction: 'forward' | 'reverse';
}

/** Joins features: of one step, or of every step. */
export interface ConcatNode extends NodeBase {
  readonly op: 'concat';
  readonly inputs: readonly string[];
}

export interface LinearNode extends NodeBase {
  readonly op: 'linear';
  readonly input: string;
  /** [rows, columns]; the same Weight object as the embedding's table if tied. */
  readonly weight: Weight;
  readonly bias: Weight;
  readonly activation: Activation;
}

export interface SoftmaxNode extends NodeBase {
  readonly op: 'softmax';
  readonly input: string;
}

export type Node =
  | EmbeddingNode
  | RecurrentNode
  | ConvNode
  | PoolNode
  | AddNode
  | MulNode
  | LastStepNode
  | ConcatNode
  | LinearNode
  | SoftmaxNode;

export interface Graph {
  readonly name: string;
  readonly kind: 'language_model' | 'classifier';
  /** In execution order. A language model ends in `linear` (logits), a classifier in `softmax`. */
  readonly nodes: readonly Node[];
  readonly tokenizer: TokenizerTables;
  readonly labels: readonly string[];
  /** Shorter inputs are padded (classifier); 1 for a language model. */
  readonly minTokens: number;
  /** Longer inputs are refused (classifier); 0 for a language model. */
  readonly maxTokens: number;
  readonly bosId?: number;
  readonly eosId?: number;
  readonly padId?: number;
  /** Free text for the image's metadata: licence, source… */
  readonly metadata: Readonly<Record<string, unknown>>;
}

export function inputsOf(node: Node): readonly string[] {
  if (node.op === 'embedding') return [];
  return 'inputs' in node ? node.inputs : [node.input];
}
