/** docs/format.md, "What a reader checks", 4: every tensor. */
import { DType, Header, IMAGE_ALIGNMENT, LIMITS, ModelKind, Tensor, TensorKind } from '../schema/image.js';
import type { Fail } from './fault.js';
import { overlap, SECTIONS, type HeaderValues } from './validate-header.js';

export type DTypeName = keyof typeof DType.values;
export type TensorKindName = keyof typeof TensorKind.values;

export const ELEMENT_BYTES: Readonly<Record<DTypeName, number>> = { i8: 1, i16: 2, i32: 4, u8: 1, u16: 2 };
const MAX_BYTES = 2 ** 28;

/** A tensor of an open image. */
export interface TensorInfo {
  readonly id: number;
  readonly dtype: DTypeName;
  readonly kind: TensorKindName;
  /** Outermost first; as many as the rank. */
  readonly dims: readonly number[];
  /** dims[0] is time: the most steps there can be. */
  readonly time: boolean;
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
    time: record.time === 1,
    offset: record.offset,
    bytes,
    scale: record.scale === 0 ? undefined : scale,
  };
}

function validateTime(tensor: TensorInfo, header: HeaderValues, refuse: (why: string) => never): void {
  if (!tensor.time) return;
  if (tensor.kind !== 'activation' || tensor.dims.length < 2) refuse('cannot have time');
  const most = header.kind === ModelKind.classifier ? header.max_tokens : 1;
  const least = most - header.min_tokens + 1;
  const steps = tensor.dims[0]!;
  if (steps < least || steps > most) refuse(`has ${steps} time steps, expected ${least} … ${most}`);
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
