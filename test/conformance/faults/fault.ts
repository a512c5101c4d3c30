/** A way an image can lie: edits of a good one, and where to make them. */
import type { Op, OpName, OpOf } from '../../../src/image/ops';
import type { Image } from '../../../src/image/read';
import { Header, Tensor, TokenizerHeader } from '../../../src/schema/image';
import type { StatusName } from '../../../src/schema/status';

/** Bytes written over those at `offset`. */
export interface Edit {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface Fault {
  /** A sentence. */
  readonly name: string;
  /** Of test/conformance/models.ts. */
  readonly image: string;
  readonly status: StatusName;
  readonly edits: (at: Places) => Edit[];
  /** Bytes of the damaged file: cut, or filled up with zeros. */
  readonly size?: (whole: number) => number;
  /** Leave the CRC as it was. */
  readonly staleCrc?: boolean;
}

export const u8 = (offset: number, ...values: number[]): Edit => ({ offset, bytes: Uint8Array.from(values) });
export const u16 = (offset: number, value: number): Edit => u8(offset, value & 0xff, (value >> 8) & 0xff);
export const u32 = (offset: number, value: number): Edit =>
  u8(offset, value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff);

export const u32s = (offset: number, ...values: number[]): Edit[] => values.map((v, i) => u32(offset + 4 * i, v));

/** Finds byte offsets in an image. */
export class Places {
  constructor(readonly image: Image) {}

  header(field: keyof typeof Header.offsets): number {
    return Header.offsets[field];
  }

  tensor(id: number, field: keyof typeof Tensor.offsets): number {
    return this.image.header.tensors.offset + id * Tensor.size + Tensor.offsets[field];
  }

  /** The n-th op of a type. */
  op<K extends OpName>(type: K, n = 0): OpOf<K> {
    return this.image.ops.filter((op): op is Op & OpOf<K> => op.op === type)[n]!;
  }

  /** First element of a constant, plus `bytes`. */
  constant(id: number, bytes = 0): number {
    return this.image.tensors[id]!.offset + bytes;
  }

  tokenizer(field: keyof typeof TokenizerHeader.offsets): number {
    return this.image.header.tokenizer.offset + TokenizerHeader.offsets[field];
  }

  /** An array of the tokenizer section, plus `bytes`. */
  table(field: 'token_offsets' | 'token_bytes' | 'sorted_ids' | 'merges' | 'byte_ids', bytes = 0): number {
    return this.image.header.tokenizer.offset + this.u32(this.tokenizer(field)) + bytes;
  }

  /** First byte of a token's text. */
  token(id: number): number {
    return this.table('token_bytes') + this.u32(this.table('token_offsets', 4 * id));
  }

  string(bytes = 0): number {
    return this.image.header.strings.offset + bytes;
  }

  private u32(offset: number): number {
    return new DataView(this.image.bytes.buffer, this.image.bytes.byteOffset).getUint32(offset, true);
  }
}

export const fault = (
  status: StatusName,
  image: string,
  name: string,
  edits: Fault['edits'],
  more: Pick<Fault, 'size' | 'staleCrc'> = {},
): Fault => ({ name, image, status, edits, ...more });

/** An activation of one token a step that always has a step less: good as a tensor. */
export function oneStepLess(at: Places, id: number): Edit[] {
  return [
    u32(at.tensor(id, 'dims'), at.image.tensors[id]!.dims[0]! - 1),
    u32(at.tensor(id, 'time_offset'), at.image.tensors[id]!.time!.offset - 1),
  ];
}

/** Another time form for one step a token: as many steps, so good as a tensor. */
export function otherForm(at: Places, id: number): Edit[] {
  return [u16(at.tensor(id, 'time_factor'), 2), u16(at.tensor(id, 'time_divisor'), 2)];
}

/** An element of an array field of u16. */
export const element = (offset: number, index: number, value: number): Edit => u16(offset + 2 * index, value);
