/** What a value of an ONNX graph is, as far as the import follows it: data, or a layout of what a layer gives. */

/** A constant. Integers of every width are kept as doubles, exact up to 2⁵³. */
export interface Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/**
 * One dimension a tensor was made with: a dimension of the token ids (time or batch, the layers that read it
 * say which), or the features of a layer.
 */
export interface Atom {
  readonly of: 'tokens' | 'features';
  /** undefined: dynamic. Time as the model's input has it. */
  readonly size: number | undefined;
}

/** Reshaping joins dimensions: [time · batch]. No atom is size 1. */
export type Axis = readonly Atom[];

export interface Tokens {
  readonly kind: 'tokens';
  readonly axes: readonly Axis[];
}

export interface Activation {
  readonly kind: 'activation';
  /** The float graph's value. */
  readonly value: string;
  readonly axes: readonly Axis[];
  readonly features: number;
  /** There is a value at each time step; false after pooling. */
  readonly overTime: boolean;
  /** Steps that convolutions took away. */
  readonly shrink: number;
  /** Revision of the layer that makes it; a later one has, for instance, a ReLU in it. */
  readonly revision: number;
  /** scale · x + offset, by feature: a batch norm that waits for the layer that reads it. */
  readonly affine?: Affine;
  /** Softmax was taken: nothing may follow. */
  readonly probabilities?: boolean;
}

export interface Affine {
  readonly scale: Float64Array;
  readonly offset: Float64Array;
}

/** The size of a dimension, or the atoms whose product it is. */
export type Dim = number | Axis;

export type Value =
  | { readonly kind: 'constant'; readonly tensor: Tensor }
  /** One number throughout, of whatever shape. */
  | { readonly kind: 'fill'; readonly fill: number }
  /** The shape of a value or a part of it; undefined: beyond what is followed. */
  | { readonly kind: 'shape'; readonly dims: readonly Dim[] | undefined }
  /** State of a recurrent layer: where it starts (a float input of the model), or where it ended. */
  | { readonly kind: 'state'; readonly from: 'input' | 'layer'; readonly name: string }
  | Tokens
  | Activation;

/** Time steps or rows of an axis, as `value` has it; undefined if dynamic. */
export function sizeOf(axis: Axis, shrink: number): number | undefined {
  let size = 1;
  for (const atom of axis) {
    if (atom.size === undefined) return undefined;
    // Only the time axis shrinks, and only convolutions shrink it: they want it alone.
    size *= atom.of === 'tokens' && axis.length === 1 ? Math.max(1, atom.size - shrink) : atom.size;
  }
  return size;
}

export function isFeatures(axis: Axis | undefined): boolean {
  return axis?.length === 1 && axis[0]!.of === 'features';
}

export function constant(name: string, dims: readonly number[], data: Tensor['data']): Value {
  return { kind: 'constant', tensor: { name, dims, data } };
}
