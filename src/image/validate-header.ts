/** docs/format.md, "What a reader checks", 1 to 3: the file, its header, its sections. */
import { crc32 } from 'node:zlib';
import {
  Header,
  IMAGE_ALIGNMENT,
  IMAGE_MAGIC,
  IMAGE_VERSION,
  Layout,
  LIMITS,
  ModelKind,
  NONE,
  Tensor,
} from '../schema/image.js';
import type { Fail } from './fault.js';

export type HeaderValues = ReturnType<typeof Header.read>;
export type SectionName = (typeof SECTIONS)[number];

/** In the order of the header. */
export const SECTIONS = ['tensors', 'ops', 'tokenizer', 'strings', 'metadata'] as const;
/** Bytes before this one are not covered by the CRC. */
export const CRC_START = 16;
const MAX_BYTES = 2 ** 28;

export function validateHeader(bytes: Uint8Array, view: DataView, fail: Fail): HeaderValues {
  if (bytes.length < Header.size) fail('image_too_small', 0, `${bytes.length} bytes, at least ${Header.size} expected`);
  const header = Header.read(view, 0);
  const at = Header.offsets;
  if (header.magic !== IMAGE_MAGIC) fail('bad_magic', at.magic, 'it does not start with "LNET"');
  if (header.version !== IMAGE_VERSION) fail('unsupported_version', at.version, `version ${header.version}`);
  if (header.layout !== Layout.row_major) fail('unsupported_layout', at.layout, `layout ${header.layout}`);
  if (header.size !== bytes.length || header.size % IMAGE_ALIGNMENT !== 0)
    fail('size_mismatch', at.size, `${bytes.length} bytes, the header says ${header.size}`);
  if (crc32(bytes.subarray(CRC_START)) !== header.crc32)
    fail('crc_mismatch', at.crc32, 'the checksum is of other bytes');
  validateFields(header, fail);
  validateSections(header, fail);
  return header;
}

function validateFields(h: HeaderValues, fail: Fail): void {
  const range = (field: keyof HeaderValues & string, low: number, high: number): void => {
    const value = h[field] as number;
    if (value < low || value > high)
      fail(
        'bad_header',
        Header.offsets[field],
        `${field} is ${value}, expected ${low === high ? low : `${low} … ${high}`}`,
      );
  };
  range('kind', ModelKind.language_model, ModelKind.classifier);
  const classifier = h.kind === ModelKind.classifier;
  range('reserved', 0, 0);
  range('op_count', 1, LIMITS.max_ops);
  range('tensor_count', 1, LIMITS.max_tensors);
  range('label_count', classifier ? 1 : 0, classifier ? LIMITS.max_labels : 0);
  range('vocab_size', 1, LIMITS.max_vocab);
  range('min_tokens', 1, classifier ? LIMITS.max_width : 1);
  range('max_tokens', classifier ? h.min_tokens : 0, classifier ? LIMITS.max_tokens : 0);
  for (const field of ['bos_id', 'eos_id', 'pad_id'] as const) if (h[field] !== NONE) range(field, 0, h.vocab_size - 1);
  if (classifier && h.min_tokens > 1 && h.pad_id === NONE)
    fail('bad_header', Header.offsets.pad_id, 'pad_id is missing, but short inputs need padding');
  range('logit_frac', 0, 10);
  range('reserved2', 0, 0);
  for (const field of ['state_bytes', 'scratch_bytes'] as const) {
    range(field, 0, MAX_BYTES);
    if (h[field] % IMAGE_ALIGNMENT !== 0) fail('bad_header', Header.offsets[field], `${field} is no multiple of 16`);
  }
}

function validateSections(h: HeaderValues, fail: Fail): void {
  for (const [index, name] of SECTIONS.entries()) {
    const { offset, size } = h[name];
    const refuse = (why: string): never => fail('bad_section', Header.offsets[name], `${name} ${why}`);
    if (name === 'metadata' && offset === 0 && size === 0) continue;
    if (offset % IMAGE_ALIGNMENT !== 0) refuse('is not at a multiple of 16');
    if (offset < Header.size) refuse('lies in the header');
    if (size < 1) refuse('is empty');
    if (offset + size > h.size) refuse('ends outside the image');
    if (name === 'tensors' && size !== h.tensor_count * Tensor.size) refuse('has not the size of its records');
    const other = SECTIONS.slice(0, index).find((o) => overlap(offset, size, h[o].offset, h[o].size));
    if (other !== undefined) refuse(`overlaps ${other}`);
  }
}

/** Whether two byte ranges share a byte. */
export function overlap(a: number, aSize: number, b: number, bSize: number): boolean {
  return a < b + bSize && b < a + aSize;
}
