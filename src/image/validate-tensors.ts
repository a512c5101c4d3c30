/** docs/format.md, "What a reader checks", 4: every tensor. */
import { DType, Header, IMAGE_ALIGNMENT, LIMITS, ModelKind, Tensor, TensorKind } from '../schema/image.js';
import type { Fail } from './fault.js';
import { sameTime, stepsOf, PER_TOKEN, type TimeForm } from './time.js';
import { overlap, SECTIONS, type HeaderValues } from './validate-header.js';

/** The packed ones are in no image that is read here: src/image/pack.ts. */
export type DTypeName = Exclude<keyof typeof DType.values, 'packed' | 'packed_gates'>;
export type TensorKindName = keyof typeof TensorKind.values;

export const ELEMENT_BYTES: Readonly<Record<DTypeName, number>> = { i8: 1, i16: 2, i32: 4, u8: 1, u16: 2 };
const MAX_BYTES = 2 ** 28;
const MAX_TIME_OFFSET = 2 ** 24;

/** A tensor of an open image. */
export interface TensorInfo {
  readonly id: number;
  readonly dtype: DTypeName;
  readonly kind: TensorKindName;
  /** Outermost first; as many as the rank. */
  readonly dims: readonly number[];
  /** Given if dims[0] is time: the most steps there can be. */
  readonly time: TimeForm | undefined;
  /** From the start of the image (constant), of scratch (activation) or of the state block (state). */
  readonly offset: number;
  /** Room it takes, at its longest. */
  readonly bytes: number;
  /** Real value of one unit; undefined if per row. */
  readonly scale: number | undefined;
}

export function validateTensors(view: DataView, header: HeaderValues, fail: Fail): TensorInfo[] {
  const tensors: TensorInfo[] = [];
  const end = { constant: Header.size, state: 0 };
  for (let id = 0; id < header.tensor_count; id++) {
    const at = header.tensors.offset + id * Tensor.size;
    const refuse = (why: string): never => fail('bad_tensor', at, `tensor ${id} ${why}`);
    const tensor = shapeOf(view, at, id, refuse);
    validateTime(tensor, header, refuse);
    validatePlace(tensor, header, end, refuse);
    tensors.push(tensor);
  }
  return tensors;
}

function shapeOf(view: DataView, at: number, id: number, refuse: (why: string) => never): TensorInfo {
  const record = Tensor.read(view, at);
  const dtype = DType.nameOf(record.dtype) ?? refuse(`has dtype ${record.dtype}`);
  if (dtype === 'packed' || dtype === 'packed_gates') return refuse(`has dtype ${dtype}, but the layout is row_major`);
  const kind = TensorKind.nameOf(record.kind) ?? refuse(`has kind ${record.kind}`);
  if (record.rank < 1 || record.rank > 4) refuse(`has rank ${record.rank}`);
  if (record.time > 1) refuse(`has time ${record.time}`);
  let bytes = ELEMENT_BYTES[dtype];
  for (const [axis, size] of record.dims.entries()) {
    if (size < 1 || size > (axis < record.rank ? LIMITS.max_dim : 1)) refuse(`has dims [${record.dims.join(', ')}]`);
    bytes *= size;
    if (bytes > MAX_BYTES) refuse('is too large');
  }
  if (record.offset % IMAGE_ALIGNMENT !== 0) refuse('is not at a multiple of 16');
  const scale = view.getFloat32(at + Tensor.offsets.scale, true);
  return {
    id,
    dtype,
    kind,
    dims: record.dims.slice(0, record.rank),
    time: timeOf(record, refuse),
    offset: record.offset,
    bytes,
    scale: record.scale === 0 ? undefined : scale,
  };
}

function timeOf(record: ReturnType<typeof Tensor.read>, refuse: (why: string) => never): TimeForm | undefined {
  const form = { factor: record.time_factor, divisor: record.time_divisor, offset: record.time_offset };
  if (record.time === 1) return form;
  if (form.factor !== 0 || form.divisor !== 0 || form.offset !== 0) refuse('has a time form, but no time');
  return undefined;
}

function validateTime(tensor: TensorInfo, header: HeaderValues, refuse: (why: string) => never): void {
  const { time, kind, dims } = tensor;
  if (!time) return;
  if (kind !== 'activation' || dims.length !== 2) refuse('cannot have time');
  if (time.factor < 1 || time.divisor < 1 || Math.abs(time.offset) > MAX_TIME_OFFSET)
    refuse(`has (${time.factor} · n + ${time.offset}) / ${time.divisor} steps`);
  const classifier = header.kind === ModelKind.classifier;
  if (!classifier && !sameTime(time, PER_TOKEN)) refuse('has not one step a token, in a language model');
  const most = classifier ? stepsOf(time, header.max_tokens) : 1;
  if (dims[0] !== most) refuse(`has ${dims[0]} time steps, expected ${most}`);
  if (classifier && stepsOf(time, header.min_tokens) < 1) refuse('has no time step left of the shortest input');
}

function validatePlace(
  tensor: TensorInfo,
  header: HeaderValues,
  end: { constant: number; state: number },
  refuse: (why: string) => never,
): void {
  const { kind, offset, bytes } = tensor;
  if (kind === 'activation') {
    if (isStreamedLogits(tensor, header)) {
      if (offset !== 0) refuse('holds streamed logits and must have offset 0');
    } else if (offset + bytes > header.scratch_bytes) refuse('ends outside scratch memory');
    return;
  }
  if (offset < end[kind]) refuse(`overlaps the ${kind} before it`);
  end[kind] = offset + bytes;
  if (end[kind] > (kind === 'state' ? header.state_bytes : header.size))
    refuse(`ends outside the ${kind === 'state' ? 'state block' : 'image'}`);
  if (kind === 'state') return;
  for (const section of SECTIONS)
    if (overlap(offset, bytes, header[section].offset, header[section].size)) refuse(`overlaps the ${section} section`);
}

/** The logits of a language model are never stored. */
export function isStreamedLogits(tensor: TensorInfo, header: HeaderValues): boolean {
  return header.kind === ModelKind.language_model && tensor.kind === 'activation' && tensor.dtype === 'i16';
}
