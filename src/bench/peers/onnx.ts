/** Writes ONNX models (protobuf): as much of onnx.proto3 as the peer's graph and the importer's tests need. */

/** TensorProto.DataType */
export const ElementType = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;

export interface OnnxTensor {
  readonly name: string;
  readonly type: number;
  readonly dims: readonly number[];
  /** Raw little-endian elements. */
  readonly data: Uint8Array;
}

export interface OnnxValue {
  readonly name: string;
  readonly type: number;
  /** A name stands for a dynamic dimension. */
  readonly dims: readonly (number | string)[];
}

export type OnnxAttribute = number | readonly number[] | string | { readonly float: number };

export interface OnnxNode {
  readonly op: string;
  readonly domain?: string;
  /** "" for an optional input left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Operator set version by domain; "" is ONNX's own. */
  readonly opsets: Readonly<Record<string, number>>;
}

export function tensor(name: string, type: number, dims: readonly number[], data: ArrayBufferView): OnnxTensor {
  return { name, type, dims, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

const IR_VERSION = 8;
/** AttributeProto.AttributeType */
const AttributeType = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** The bytes of a ModelProto. */
export function writeOnnx(graph: OnnxGraph): Uint8Array {
  return Buffer.concat([
    integer(1, IR_VERSION),
    message(7, [
      ...graph.nodes.map((node) => message(1, nodeFields(node))),
      text(2, graph.name),
      ...graph.initializers.map(({ name, type, dims, data }) =>
        message(5, [...dims.map((dim) => integer(1, dim)), integer(2, type), text(8, name), bytes(9, data)]),
      ),
      ...graph.inputs.map((value) => message(11, valueFields(value))),
      ...graph.outputs.map((value) => message(12, valueFields(value))),
    ]),
    ...Object.entries(graph.opsets).map(([domain, version]) => message(8, [text(1, domain), integer(2, version)])),
  ]);
}

function nodeFields({ op, domain, inputs, outputs, attributes = {} }: OnnxNode): Uint8Array[] {
  return [
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) => message(5, [text(1, name), ...attributeFields(value)])),
    ...(domain === undefined ? [] : [text(7, domain)]),
  ];
}

function attributeFields(value: OnnxAttribute): Uint8Array[] {
  if (typeof value === 'number') return [integer(3, value), integer(20, AttributeType.int)];
  if (typeof value === 'string') return [text(4, value), integer(20, AttributeType.string)];
  if ('float' in value) return [float(2, value.float), integer(20, AttributeType.float)];
  return [...value.map((n) => integer(8, n)), integer(20, AttributeType.ints)];
}

function valueFields({ name, type, dims }: OnnxValue): Uint8Array[] {
  const shape = dims.map((dim) => message(1, [typeof dim === 'number' ? integer(1, dim) : text(2, dim)]));
  return [text(1, name), message(2, [message(1, [integer(1, type), message(2, shape)])])];
}

// Protobuf's wire format: (field << 3 | kind), then a varint (kind 0), a length and bytes (2) or four bytes (5).

function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...out, Number(rest)]);
}

function integer(field: number, value: number): Uint8Array {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

function float(field: number, value: number): Uint8Array {
  return Buffer.concat([varint((field << 3) | 5), new Uint8Array(Float32Array.of(value).buffer)]);
}

function bytes(field: number, data: Uint8Array): Uint8Array {
  return Buffer.concat([varint((field << 3) | 2), varint(data.length), data]);
}

function text(field: number, value: string): Uint8Array {
  return bytes(field, Buffer.from(value));
}

function message(field: number, fields: readonly Uint8Array[]): Uint8Array {
  return bytes(field, Buffer.concat(fields));
}
