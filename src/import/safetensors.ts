/**
 * Reads safetensors files: 8 bytes of little-endian header length, a JSON header, the raw tensors
 * (https://github.com/huggingface/safetensors#format). Nothing in the file is believed unchecked.
 */
import { LinnetError } from '../errors.js';

/** Bytes of one element of every dtype the format knows. */
const DTYPE_BYTES = {
  BOOL: 1, U8: 1, I8: 1, F8_E5M2: 1, F8_E4M3: 1, U16: 2, I16: 2, F16: 2, BF16: 2, U32: 4, I32: 4, F32: 4, U64: 8, I64: 8, F64: 8,
} as const; // prettier-ignore

/** The format's own bound on its header. */
const MAX_HEADER = 100_000_000;
const REMEDY = 'copy or export the checkpoint again';

export interface StoredTensor {
  readonly name: string;
  readonly dtype: keyof typeof DTYPE_BYTES;
  readonly shape: readonly number[];
  /** The elements, little-endian, row-major: a view of the file. */
  readonly bytes: Uint8Array;
}

function bad(what: string, where: string, remedy = REMEDY): LinnetError {
  return new LinnetError('bad_checkpoint', what, where, remedy);
}

/**
 * @param file the whole file
 * @param where its name, for messages
 * @returns the tensors by name, in file order
 * @throws LinnetError bad_checkpoint
 */
export function parseSafetensors(file: Uint8Array, where: string): Map<string, StoredTensor> {
  if (file.length < 8) throw bad('file is too short to be a safetensors file', where);
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER) throw bad(`header claims ${length} bytes; not a safetensors file`, where);
  const payload = 8 + Number(length);
  if (payload > file.length)
    throw bad(`file is cut short: the header needs ${payload} bytes, there are ${file.length}`, where);
  const header = parseHeader(file.subarray(8, payload), where);
  const tensors = new Map<string, StoredTensor>();
  const ranges: [begin: number, end: number, name: string][] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, begin, end } = parseEntry(entry, `${where}, tensor "${name}"`);
    if (end > file.length - payload)
      throw bad(
        `data ends at byte ${end} but the file holds only ${file.length - payload}`,
        `${where}, tensor "${name}"`,
        'the file is cut short: copy it again',
      );
    ranges.push([begin, end, name]);
    tensors.set(name, { name, dtype, shape, bytes: file.subarray(payload + begin, payload + end) });
  }
  checkCoverage(ranges, file.length - payload, where);
  return tensors;
}

function parseHeader(bytes: Uint8Array, where: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw bad(`header is not valid JSON: ${(cause as Error).message}`, where);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw bad('header is not a JSON object', where);
  return header as Record<string, unknown>;
}

function parseEntry(entry: unknown, where: string) {
  if (typeof entry !== 'object' || entry === null) throw bad('entry is not an object', where);
  const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(DTYPE_BYTES, dtype))
    throw bad(`unknown dtype ${JSON.stringify(dtype)}`, where);
  if (!isSizes(shape)) throw bad('shape is not a list of sizes', where);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!)
    throw bad('data_offsets are not [begin, end]', where);
  const [begin, end] = offsets as [number, number];
  const kind = dtype as keyof typeof DTYPE_BYTES;
  const size = shape.reduce((product, n) => product * n, DTYPE_BYTES[kind]);
  if (size !== end - begin)
    throw bad(`shape [${shape.join(', ')}] of ${dtype} needs ${size} bytes, data_offsets give ${end - begin}`, where);
  return { dtype: kind, shape, begin, end };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** The format forbids holes and overlaps, so every byte of the payload belongs to one tensor. */
function checkCoverage(ranges: [begin: number, end: number, name: string][], size: number, where: string): void {
  ranges.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let at = 0;
  for (const [begin, end, name] of ranges) {
    if (begin < at) throw bad('data overlaps that of another tensor', `${where}, tensor "${name}"`);
    if (begin > at) throw bad(`${begin - at} bytes before the data belong to no tensor`, `${where}, tensor "${name}"`);
    at = end;
  }
  if (at !== size) throw bad(`${size - at} bytes at the end belong to no tensor`, where);
}

/**
 * The elements as float32. F32, F16, BF16 and F64 are read.
 * @throws LinnetError bad_checkpoint for other dtypes, NaN and infinities (also an F64 beyond float32)
 */
export function toFloat32(tensor: StoredTensor, where: string): Float32Array {
  const here = `${where}, tensor "${tensor.name}"`;
  const read = READERS[tensor.dtype];
  if (!read) throw bad(`dtype is ${tensor.dtype}`, here, 'store weights as F32, F16, BF16 or F64');
  const { bytes, shape } = tensor;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const step = DTYPE_BYTES[tensor.dtype];
  const out = new Float32Array(bytes.byteLength / step);
  for (let i = 0; i < out.length; i++) {
    out[i] = read(view, i * step);
    if (!Number.isFinite(out[i]))
      throw bad(
        `${out[i]} at index [${unravel(i, shape).join(', ')}]`,
        here,
        'weights must be finite: train or export the model again',
      );
  }
  return out;
}

const READERS: Partial<Record<keyof typeof DTYPE_BYTES, (view: DataView, at: number) => number>> = {
  F32: (view, at) => view.getFloat32(at, true),
  F64: (view, at) => view.getFloat64(at, true),
  F16: (view, at) => halfToNumber(view.getUint16(at, true)),
  BF16: (view, at) => bfloatToNumber(view.getUint16(at, true)),
};

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The upper half of a binary32. */
function bfloatToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 7) & 255;
  const fraction = bits & 127;
  if (exponent === 0) return sign * fraction * 2 ** -133;
  if (exponent === 255) return fraction ? NaN : sign * Infinity;
  return sign * (128 + fraction) * 2 ** (exponent - 134);
}

function unravel(index: number, shape: readonly number[]): number[] {
  return shape.map((_, axis) => {
    const inner = shape.slice(axis + 1).reduce((product, n) => product * n, 1);
    return Math.floor(index / inner) % shape[axis]!;
  });
}
