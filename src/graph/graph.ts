/**
 * The float model between import and quantization: a list of nodes in execution order, joined by
 * named values. Every value is [time, features] or, after pooling, [features].
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

export interface LstmNode extends NodeBase {
  readonly op: 'lstm';
  readonly input: string;
  /** [4·hidden_size, input_size], gate order i, f, g, o (PyTorch's). */
  readonly inputWeight: Weight;
  /** [4·hidden_size, hidden_size] */
  readonly recurrentWeight: Weight;
  /** [4·hidden_size], both of PyTorch's biases added. */
  readonly bias: Weight;
}

export interface Conv1dNode extends NodeBase {
  readonly op: 'conv1d';
  readonly input: string;
  /** [filters, width, channels] (time-major; PyTorch's [filters, channels, width] transposed). */
  readonly weight: Weight;
  readonly bias: Weight;
  readonly activation: 'none' | 'relu';
}

export interface MaxOverTimeNode extends NodeBase {
  readonly op: 'max_over_time';
  readonly input: string;
}

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
  readonly activation: 'none' | 'relu';
}

export interface SoftmaxNode extends NodeBase {
  readonly op: 'softmax';
  readonly input: string;
}

export type Node = EmbeddingNode | LstmNode | Conv1dNode | MaxOverTimeNode | ConcatNode | LinearNode | SoftmaxNode;

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
  return node.op === 'concat' ? node.inputs : [node.input];
}
