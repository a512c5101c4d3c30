/** One node of an ONNX graph with its inputs' values: typed access, every refusal names it. */
import { LinnetError } from '../../errors.js';
import type { AttributeProto, NodeProto } from './schema.js';
import { readTensor } from './tensor.js';
import type { Activation, Tensor, Value } from './values.js';

export class OnnxNode {
  readonly op: string;
  /** Name in the file, or that of its first output. */
  readonly name: string;
  readonly where: string;
  private readonly attributes: ReadonlyMap<string, AttributeProto>;

  /**
   * @param inputs the values, undefined for one left out
   * @param opset version of ONNX's operators that the model was written for
   */
  constructor(
    private readonly proto: NodeProto,
    readonly inputs: readonly (Value | undefined)[],
    readonly opset: number,
    path: string,
  ) {
    this.op = proto.op_type ?? '';
    this.name = proto.name || proto.output[0] || this.op;
    this.where = `${path}, node "${this.name}" (${this.op})`;
    this.attributes = new Map(proto.attribute.map((attribute) => [attribute.name ?? '', attribute]));
  }

  get outputs(): readonly string[] {
    return this.proto.output;
  }

  /** The model is one that this version cannot take. */
  unsupported(what: string, remedy: string): LinnetError {
    return new LinnetError('unsupported_model', what, this.where, remedy);
  }

  /** The model contradicts itself. */
  bad(what: string): LinnetError {
    return new LinnetError(
      'bad_checkpoint',
      what,
      this.where,
      'export the model again, and check it with onnx.checker',
    );
  }

  int(name: string, fallback: number): number {
    return this.attributes.get(name)?.i ?? fallback;
  }

  float(name: string, fallback: number): number {
    return this.attributes.get(name)?.f ?? fallback;
  }

  ints(name: string): readonly number[] | undefined {
    return this.attributes.get(name)?.ints;
  }

  text(name: string, fallback: string): string {
    const bytes = this.attributes.get(name)?.s;
    return bytes === undefined ? fallback : Buffer.from(bytes).toString();
  }

  texts(name: string): string[] | undefined {
    return this.attributes.get(name)?.strings.map((bytes) => Buffer.from(bytes).toString());
  }

  has(name: string): boolean {
    return this.attributes.has(name);
  }

  tensor(name: string): Tensor | undefined {
    const proto = this.attributes.get(name)?.t;
    return (
      proto &&
      readTensor(proto, this.where, () => {
        throw this.unsupported('attribute kept in another file', 'export the model again');
      })
    );
  }

  /** Input `i`, which must be there. */
  input(i: number): Value {
    const value = this.inputs[i];
    if (!value) throw this.bad(`input ${i} is missing`);
    return value;
  }

  optionalConstant(i: number): Tensor | undefined {
    const value = this.inputs[i];
    if (!value) return undefined;
    if (value.kind === 'constant') return value.tensor;
    throw this.unsupported(
      `input ${i} is ${describe(value)} where a constant is needed`,
      'export the model with its weights, parameters and sizes as constants',
    );
  }

  constant(i: number): Tensor {
    return this.optionalConstant(i) ?? this.missing(i);
  }

  /** A constant whose elements are weights: finite, float32. */
  weights(i: number): Tensor & { readonly data: Float32Array } {
    const { name, dims, data } = this.constant(i);
    const at = data.findIndex((v) => !Number.isFinite(Math.fround(v)));
    if (at >= 0) throw this.bad(`weight "${name}" holds ${data[at]}`);
    return { name: name || `${this.name}.${i}`, dims, data: Float32Array.from(data) };
  }

  /** Small integers (axes, sizes) of a constant input, or of the attribute that older opsets have in its place. */
  integers(i: number, attribute: string): readonly number[] | undefined {
    const tensor = this.ints(attribute) ? undefined : this.optionalConstant(i);
    return tensor ? [...tensor.data] : this.ints(attribute);
  }

  /** The output of a layer. */
  activation(i: number): Activation {
    const value = this.input(i);
    if (value.kind === 'activation') {
      if (value.probabilities)
        throw this.unsupported('it follows a softmax', 'end the model in logits, or in the softmax itself');
      return value;
    }
    if (value.kind === 'state' && value.from === 'cell')
      throw this.unsupported(
        `it reads the last cell of "${value.name}"`,
        'use the last hidden state (h_n), not the cell',
      );
    throw this.unsupported(`input ${i} is ${describe(value)}`, 'a model must begin with an embedding of token ids');
  }

  private missing(i: number): never {
    throw this.bad(`input ${i} is missing`);
  }
}

export function describe(value: Value): string {
  switch (value.kind) {
    case 'constant':
    case 'fill':
      return 'a constant';
    case 'shape':
      return 'computed from a shape';
    case 'state':
      return value.from === 'input'
        ? `the float input "${value.name}" of the model`
        : `the last cell of "${value.name}"`;
    case 'tokens':
      return 'the token ids';
    case 'activation':
      return `${value.state ? 'the last state' : 'the output'} of "${value.source.name}"`;
  }
}

/** Axis number `axis`, which may count from the end. */
export function axisOf(node: OnnxNode, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    throw node.bad(`axis ${axis} of a value of rank ${rank}`);
  return axis < 0 ? axis + rank : axis;
}
