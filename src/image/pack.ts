/**
 * Packing for a board: the weights of matrices in the order the board's kernels read them (docs/format.md, "Packed
 * weights"). Nothing moves and nothing grows; results are the same.
 */
import { crc32 } from 'node:zlib';
import { DType, Header, Layout, Tensor } from '../schema/image.js';
import type { LayoutName } from './layout.js';
import { matricesOf, type Op } from './ops.js';
import { openImage } from './read.js';
import { CRC_START } from './validate-header.js';

/** Rows that are stored together. */
const LANES = 4;

/** How a group's four weights of one column become four bytes of the group, and back. */
interface Form {
  /** Where in the group the four bytes are, lane by lane. */
  places(column: number, columns: number): readonly number[];
  /** In place. */
  encode(weights: Int8Array): void;
  decode(bytes: Int8Array): void;
}

const FORMS: Readonly<Record<Exclude<LayoutName, 'row_major'>, Form>> = {
  packed_pairs: {
    // Two columns take 8 bytes, words ab and cd; an odd one at the end takes 4, halfwords ab and cd.
    places(column, columns) {
      const alone = columns % 2 === 1 && column === columns - 1;
      const ab = (column >> 1) * 8 + (alone ? 0 : (column % 2) * 2);
      const cd = ab + (alone ? 2 : 4);
      return [ab + 1, ab, cd + 1, cd];
    },
    // The halfword 256·a + b: where b is negative it borrows of a.
    encode(weights) {
      if (weights[1]! < 0) weights[0]!--;
      if (weights[3]! < 0) weights[2]!--;
    },
    decode(bytes) {
      if (bytes[1]! < 0) bytes[0]!++;
      if (bytes[3]! < 0) bytes[2]!++;
    },
  },
  packed_quads: {
    places: (column) => [3, 2, 1, 0].map((byte) => column * LANES + byte),
    encode: add128,
    decode: add128,
  },
};

/** To all but the first, modulo 256: it is its own inverse. */
function add128(bytes: Int8Array): void {
  for (let lane = 1; lane < LANES; lane++) bytes[lane]! ^= -128;
}

/**
 * @param image a canonical image, or one of this layout already
 * @param layout of the board
 * @returns the image the board's flash is to hold, of the same size
 * @throws ImageError if it is no image
 */
export function packImage(image: Uint8Array, layout: LayoutName): Uint8Array {
  if (layout === 'row_major' || layoutOf(image) === layout) return image;
  const { ops } = openImage(image, 'the image to pack');
  const packed = Uint8Array.from(image);
  const view = new DataView(packed.buffer);
  for (const op of ops)
    for (const { weight } of matricesOf(op)) {
      const tensor = tensorAt(view, weight);
      if (!isPackable(op) || tensor.dims[0]! < LANES) continue;
      const gates = op.op === 'lstm';
      packMatrix(packed, tensor, gates, FORMS[layout]);
      setType(view, weight, gates ? DType.packed_gates : DType.packed);
    }
  return sealed(packed, view, layout);
}

/**
 * @param image of any layout
 * @returns the canonical image that packImage made it of; what is damaged, or no image of a layout known here, comes
 *   back as it is,
 *   for openImage to refuse
 */
export function unpackImage(image: Uint8Array): Uint8Array {
  const layout = layoutOf(image);
  if (layout === undefined || layout === 'row_major') return image;
  const canonical = Uint8Array.from(image);
  const view = new DataView(canonical.buffer);
  const { crc32: checksum, tensors, tensor_count } = Header.read(view, 0);
  if (checksum !== crc32(image.subarray(CRC_START))) return image; // a fresh checksum would hide the damage
  if (tensors.offset + tensor_count * Tensor.size > image.length) return image;
  for (let id = 0; id < tensor_count; id++) {
    const tensor = tensorAt(view, id);
    const gates = tensor.dtype === DType.packed_gates;
    if (!gates && tensor.dtype !== DType.packed) continue;
    if (tensor.offset + tensor.dims[0]! * tensor.dims[1]! > image.length) return image;
    unpackMatrix(canonical, tensor, gates, FORMS[layout]);
    setType(view, id, DType.i8);
  }
  return sealed(canonical, view, 'row_major');
}

/** Undefined if it is none this version knows; nothing else of the bytes is looked at. */
export function layoutOf(image: Uint8Array): LayoutName | undefined {
  if (image.length < Header.size) return undefined;
  return Layout.nameOf(Header.read(new DataView(image.buffer, image.byteOffset, image.byteLength), 0).layout);
}

/** The filters of a group may be fewer than a group of rows. */
function isPackable(op: Op): boolean {
  return op.op !== 'conv' || op.groups === 1;
}

type TensorRecord = ReturnType<typeof Tensor.read>;

function tensorAt(view: DataView, id: number): TensorRecord {
  return Tensor.read(view, Header.read(view, 0).tensors.offset + id * Tensor.size);
}

function setType(view: DataView, id: number, dtype: number): void {
  view.setUint8(Header.read(view, 0).tensors.offset + id * Tensor.size + Tensor.offsets.dtype, dtype);
}

function packMatrix(image: Uint8Array, tensor: TensorRecord, gates: boolean, form: Form): void {
  const weights = new Int8Array(4);
  eachColumn(image, tensor, gates, form, (from, rowMajor, to, packed) => {
    for (let lane = 0; lane < LANES; lane++) weights[lane] = from[rowMajor[lane]!]!;
    form.encode(weights);
    for (let lane = 0; lane < LANES; lane++) to[packed[lane]!] = weights[lane]!;
  });
}

function unpackMatrix(image: Uint8Array, tensor: TensorRecord, gates: boolean, form: Form): void {
  const bytes = new Int8Array(4);
  eachColumn(image, tensor, gates, form, (from, rowMajor, to, packed) => {
    for (let lane = 0; lane < LANES; lane++) bytes[lane] = from[packed[lane]!]!;
    form.decode(bytes);
    for (let lane = 0; lane < LANES; lane++) to[rowMajor[lane]!] = bytes[lane]!;
  });
}

/**
 * Visits every column of every group: the matrix as it was and as it is to be, and in each the places of the column's
 * four weights, row-major and packed.
 */
function eachColumn(
  image: Uint8Array,
  { dims, offset }: TensorRecord,
  gates: boolean,
  form: Form,
  visit: (from: Int8Array, rowMajor: Uint32Array, to: Int8Array, packed: Uint32Array) => void,
): void {
  const [rows, columns] = [dims[0]!, dims[1]!];
  const to = new Int8Array(image.buffer, offset, rows * columns);
  const from = Int8Array.from(to);
  const places = Array.from({ length: columns }, (_, column) => form.places(column, columns));
  const rowMajor = new Uint32Array(LANES);
  const packed = new Uint32Array(LANES);
  for (let group = 0; group < Math.floor(rows / LANES); group++)
    for (let column = 0; column < columns; column++) {
      for (let lane = 0; lane < LANES; lane++) {
        const row = gates ? (lane * rows) / LANES + group : group * LANES + lane;
        rowMajor[lane] = row * columns + column;
        packed[lane] = group * LANES * columns + places[column]![lane]!;
      }
      visit(from, rowMajor, to, packed);
    }
}

/** With the layout's tag and the CRC of what it holds now. */
function sealed(image: Uint8Array, view: DataView, layout: LayoutName): Uint8Array {
  view.setUint16(Header.offsets.layout, Layout[layout], true);
  view.setUint32(Header.offsets.crc32, crc32(image.subarray(CRC_START)), true);
  return image;
}
