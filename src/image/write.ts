/** Lays an image out as docs/format.md says. Equal content gives equal bytes. */
import { crc32 } from 'node:zlib';
import {
  Activation,
  Direction,
  DType,
  Header,
  IMAGE_ALIGNMENT,
  IMAGE_MAGIC,
  IMAGE_VERSION,
  Layout,
  LIMITS,
  ModelKind,
  NONE,
  OP_STRUCTS,
  OpType,
  GruReset,
  OverTime,
  PoolMode,
  Tensor,
  TensorKind,
} from '../schema/image.js';
import type { AnyStruct } from '../schema/struct.js';
import { vocabSizeOf } from '../tokenizer/tables.js';
import type { ConstantData, DenseSpec, ImageContent, OpSpec, TensorSpec } from './content.js';
import { CRC_START, SECTIONS, type SectionName } from './validate-header.js';
import type { DTypeName } from './validate-tensors.js';
import { encodeTokenizer } from './write-tokenizer.js';

/** The bytes of an image. Content is laid out, not checked: `openImage` is the judge of it. */
export function writeImage(content: ImageContent): Uint8Array {
  const parts: Record<SectionName, Uint8Array> = {
    tensors: new Uint8Array(content.tensors.length * Tensor.size),
    ops: join(content.ops.map(encodeOp)),
    tokenizer: encodeTokenizer(content.tokenizer),
    strings: new TextEncoder().encode([content.name, ...content.labels].map((s) => `${s}\0`).join('')),
    metadata: new TextEncoder().encode(JSON.stringify(content.metadata)),
  };
  let end = align(Header.size);
  const place = (bytes: number): number => {
    const offset = end;
    end = align(end + bytes);
    return offset;
  };
  const sections = Object.fromEntries(
    SECTIONS.map((name) => [name, { offset: place(parts[name].length), size: parts[name].length }]),
  ) as Record<SectionName, { offset: number; size: number }>;
  const offsets = content.tensors.map((t) => (t.kind === 'constant' ? place(t.data.byteLength) : t.offset));
  writeTensors(parts.tensors, content.tensors, offsets);

  const image = new Uint8Array(end);
  const view = new DataView(image.buffer);
  for (const name of SECTIONS) image.set(parts[name], sections[name].offset);
  content.tensors.forEach((t, id) => {
    if (t.kind === 'constant') image.set(littleEndian(t.data), offsets[id]!);
  });
  const header = {
    magic: IMAGE_MAGIC,
    version: IMAGE_VERSION,
    layout: Layout.row_major,
    size: end,
    crc32: 0,
    kind: ModelKind[content.kind],
    reserved: 0,
    op_count: content.ops.length,
    tensor_count: content.tensors.length,
    label_count: content.labels.length,
    vocab_size: vocabSizeOf(content.tokenizer),
    min_tokens: content.minTokens,
    max_tokens: content.maxTokens,
    bos_id: content.bosId ?? NONE,
    eos_id: content.eosId ?? NONE,
    pad_id: content.padId ?? NONE,
    logit_frac: content.logitFrac,
    reserved2: 0,
    state_bytes: content.stateBytes,
    scratch_bytes: content.scratchBytes,
    ...sections,
  };
  Header.write(view, 0, header);
  Header.write(view, 0, { ...header, crc32: crc32(image.subarray(CRC_START)) });
  return image;
}

function writeTensors(table: Uint8Array, tensors: readonly TensorSpec[], offsets: readonly number[]): void {
  const view = new DataView(table.buffer);
  tensors.forEach((tensor, id) => {
    Tensor.write(view, id * Tensor.size, {
      dtype: DType[tensor.kind === 'constant' ? dtypeOf(tensor.data) : tensor.dtype],
      kind: TensorKind[tensor.kind],
      rank: tensor.dims.length,
      dims: [...tensor.dims, 1, 1, 1, 1].slice(0, 4),
      offset: offsets[id]!,
      scale: 0,
      ...timeFields(tensor),
    });
    view.setFloat32(id * Tensor.size + Tensor.offsets.scale, tensor.scale ?? 0, true);
  });
}

function timeFields(tensor: TensorSpec) {
  const form = tensor.kind === 'constant' ? undefined : tensor.time;
  const { factor, divisor, offset } = form ?? { factor: 0, divisor: 0, offset: 0 };
  return { time: form ? 1 : 0, time_factor: factor, time_divisor: divisor, time_offset: offset };
}

function dtypeOf(data: ConstantData): DTypeName {
  if (data instanceof Int8Array) return 'i8';
  if (data instanceof Int16Array) return 'i16';
  if (data instanceof Int32Array) return 'i32';
  return data instanceof Uint8Array ? 'u8' : 'u16';
}

function encodeOp(op: OpSpec): Uint8Array {
  const struct: AnyStruct = OP_STRUCTS[op.op];
  return struct.encode({ type: OpType[op.op], size: struct.size, ...fieldsOf(op) });
}

/** Fields of the record behind type and size. */
function fieldsOf(op: OpSpec): Record<string, unknown> {
  switch (op.op) {
    case 'embedding':
      return { output: op.output, table: op.table, multiplier: op.multiplier ?? NONE, shift: op.shift ?? NONE };
    case 'lstm':
      return { ...recurrentFieldsOf(op), cell: op.cell, reserved: 0, reserved2: 0 };
    case 'gru':
      return { ...recurrentFieldsOf(op), wide: op.wide, reset: GruReset[op.reset], reserved: 0 };
    case 'rnn':
      return { ...recurrentFieldsOf(op), reserved: 0 };
    case 'last_step':
      return { input: op.input, output: op.output, direction: Direction[op.direction], reserved: 0, reserved2: 0 };
    case 'conv':
      return {
        ...windowFieldsOf(op),
        window: op.window ?? NONE,
        weights: dense(op.weights),
        dilation: [...op.dilation],
        upsample: [...op.upsample],
        groups: op.groups,
        activation: Activation[op.activation],
        over_time: OverTime[op.overTime ?? 'every_step'],
        reserved: 0,
      };
    case 'pool':
      return {
        ...windowFieldsOf(op),
        mode: PoolMode[op.mode],
        order: op.order,
        gain: op.gain,
        count_padding: op.countPadding ? 1 : 0,
        multiplier: op.multiplier,
        shift: op.shift,
        reserved: 0,
        reserved2: 0,
      };
    case 'add':
      return { ...pairFieldsOf(op), multipliers: [...op.multipliers] };
    case 'mul':
      return { ...pairFieldsOf(op), multiplier: op.multiplier };
    case 'concat':
      return {
        output: op.output,
        count: op.inputs.length,
        inputs: Array.from({ length: LIMITS.max_concat_inputs }, (_, i) => op.inputs[i] ?? NONE),
      };
    case 'linear':
      return {
        input: op.input,
        output: op.output,
        weights: dense(op.weights),
        activation: Activation[op.activation],
        reserved: 0,
        reserved2: 0,
      };
    case 'softmax':
      return { input: op.input, output: op.output };
  }
}

function windowFieldsOf(op: Extract<OpSpec, { op: 'conv' | 'pool' }>): Record<string, unknown> {
  return {
    input: op.input,
    output: op.output,
    channels: op.channels,
    kernel: [...op.kernel],
    stride: [...op.stride],
    pad_begin: [...op.padBegin],
    pad_end: [...op.padEnd],
  };
}

function pairFieldsOf(op: Extract<OpSpec, { op: 'add' | 'mul' }>): Record<string, unknown> {
  return {
    inputs: [...op.inputs],
    output: op.output,
    activation: Activation[op.activation],
    shift: op.shift,
    reserved: 0,
    reserved2: 0,
    reserved3: 0,
  };
}

function recurrentFieldsOf(op: Extract<OpSpec, { inputWeights: DenseSpec }>): Record<string, unknown> {
  return {
    input: op.input,
    output: op.output,
    input_weights: dense(op.inputWeights),
    recurrent_weights: dense(op.recurrentWeights),
    hidden: op.hidden,
    direction: Direction[op.direction],
  };
}

function dense(spec: DenseSpec): Record<string, number> {
  return { weight: spec.weight, bias: spec.bias ?? NONE, multiplier: spec.multiplier, shift: spec.shift };
}

/** Bytes of a typed array as they are in the file. */
function littleEndian(data: ConstantData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function align(offset: number): number {
  return Math.ceil(offset / IMAGE_ALIGNMENT) * IMAGE_ALIGNMENT;
}
