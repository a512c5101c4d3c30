/** What a value of an ONNX graph is, as far as the import follows it: data, or a layout of what a layer gives. */
import type { Pair } from '../../graph/graph.js';
import type { TimeForm } from '../../image/time.js';
import type { Affine } from '../batch-norm.js';

/** A constant. Integers of every width are kept as doubles, exact up to 2⁵³. */
export interface Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/**
 * One dimension a tensor was made with. `tokens` is a dimension of the token ids: time or batch, the layers that read
 * it say which. `time` is time with the length that a layer gave it. Of these two, each object is a length of its own.
 */
export interface Atom {
  readonly of: 'tokens' | 'time' | 'features';
  /** undefined: dynamic. */
  readonly size: number | undefined;
}

/** Reshaping joins dimensions: [time · batch]. No atom is size 1. */
export type Axis = readonly Atom[];

export interface Tokens {
  readonly kind: 'tokens';
  readonly axes: readonly Axis[];
}

/** The numbers of an activation, [steps, features]: a node of the float graph, or what becomes one once it is read. */
export type Source = {
  readonly features: number;
  /** Of the node it becomes. */
  readonly name: string;
} & (
  | { readonly op: 'node' }
  | { readonly op: 'concat'; readonly sources: readonly Source[] }
  /** Step n − 1 (forward) or 0 (reverse). */
  | { readonly op: 'last'; readonly source: Source; readonly direction: 'forward' | 'reverse' }
  /** The one step there is. */
  | { readonly op: 'single'; readonly source: Source }
  /** scale · x + offset, by channel: a batch norm that waits for the layer that reads it. */
  | ({ readonly op: 'affine'; readonly source: Source } & Affine)
  /** Zeros around [time, width, channels]. */
  | ({ readonly op: 'pad'; readonly source: Source; readonly channels: number } & Padding)
  /** Features by index. */
  | { readonly op: 'select'; readonly source: Source; readonly indices: readonly number[] }
);

export interface Padding {
  readonly padBegin: Pair;
  readonly padEnd: Pair;
}

export interface Activation {
  readonly kind: 'activation';
  readonly source: Source;
  /** As ONNX lays it out. */
  readonly axes: readonly Axis[];
  /** The features of a step as the float graph lays them out, outermost first: the atoms of `axes` that are features. */
  readonly layout: Axis;
  /** undefined: one step, without time. */
  readonly time: TimeForm | undefined;
  /** Several nodes read it, so that none can be fused into the layer that makes it. */
  readonly shared: boolean;
  /** The last hidden state of a recurrent layer, which a model may give besides its logits. */
  readonly state?: boolean;
  /** Softmax was taken: nothing may follow. */
  readonly probabilities?: boolean;
}

/** The size of a dimension, or the atoms whose product it is. */
export type Dim = number | Axis;

export type Value =
  | { readonly kind: 'constant'; readonly tensor: Tensor }
  /** One number throughout, of whatever shape. */
  | { readonly kind: 'fill'; readonly fill: number }
  /** The shape of a value or a part of it; undefined: beyond what is followed. */
  | { readonly kind: 'shape'; readonly dims: readonly Dim[] | undefined }
  /** State of a recurrent layer that is no activation: where it starts (a float input of the model), or its last cell. */
  | { readonly kind: 'state'; readonly from: 'input' | 'cell'; readonly name: string }
  | Tokens
  | Activation;

/** Undefined if dynamic. */
export function sizeOf(axis: Axis): number | undefined {
  let size = 1;
  for (const atom of axis) {
    if (atom.size === undefined) return undefined;
    size *= atom.size;
  }
  return size;
}

/** Made of features only, or of size 1. */
export function isFeatures(axis: Axis | undefined): axis is Axis {
  return axis?.every(({ of }) => of === 'features') ?? false;
}

/** An axis of `size` features. */
export function features(size: number): Axis {
  return size === 1 ? [] : [{ of: 'features', size }];
}

/** Product of the sizes of features. */
export function count(layout: Axis): number {
  return layout.reduce((n, { size }) => n * size!, 1);
}

export function constant(name: string, dims: readonly number[], data: Tensor['data']): Value {
  return { kind: 'constant', tensor: { name, dims, data } };
}
