/**
 * Packing for a board: the weights of matrices in the order the board's kernels read them (docs/format.md, "Packed
 * weights"). Nothing moves and nothing grows; results are the same.
 */
import { crc32 } from 'node:zlib';
import { LinnetError } from '../errors.js';
import { DType, Header, Layout, Tensor } from '../schema/image.js';
import { matricesOf, type Op } from './ops.js';
import { openImage } from './read.js';
import { CRC_START } from './validate-header.js';

export type LayoutName = keyof typeof Layout.values;

/** Rows that are stored together. */
const LANES = 4;

/** Where the bytes of a group's four rows go, and how a column's four weights become its four bytes, and back. */
interface Form {
  /** Byte in the group, for each lane. */
  places(column: number, columns: number): readonly number[];
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
      for (const a of [0, 2]) if (weights[a + 1]! < 0) weights[a]!--;
    },
    decode(bytes) {
      for (const a of [0, 2]) if (bytes[a + 1]! < 0) bytes[a]!++;
    },
  },
  packed_quads: {
    places: (column) => [3, 2, 1, 0].map((byte) => column * LANES + byte),
    // All but the top byte have 128 added.
    encode: flipSigns,
    decode: flipSigns,
  },
};

function flipSigns(bytes: Int8Array): void {
  for (let lane = 1; lane < LANES; lane++) bytes[lane]! ^= -128;
}

/**
 * @param image a canonical image, or one of this layout already
 * @param layout of the board
 * @returns the image the board's flash is to hold; its size is the same
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
      eachGroup(packed, tensor, gates, FORMS[layout], (form, rows, group) => {
        for (let column = 0; column < tensor.dims[1]!; column++) {
          const weights = Int8Array.from(rows, (row) => row[column]!);
          form.encode(weights);
          form.places(column, tensor.dims[1]!).forEach((place, lane) => (group[place] = weights[lane]!));
        }
      });
      setType(view, weight, gates ? DType.packed_gates : DType.packed);
    }
  return sealed(packed, view, layout);
}

/**
 * @param image of any layout
 * @returns the canonical image that packImage made it of
 * @throws LinnetError unsupported_layout
 */
export function unpackImage(image: Uint8Array): Uint8Array {
  const layout = layoutOf(image);
  if (layout === undefined)
    throw new LinnetError('unsupported_layout', 'the image has a layout unknown here', 'image', 'update Linnet');
  if (layout === 'row_major') return image;
  const canonical = Uint8Array.from(image);
  const view = new DataView(canonical.buffer);
  for (let id = 0; id < Header.read(view, 0).tensor_count; id++) {
    const tensor = tensorAt(view, id);
    const gates = tensor.dtype === DType.packed_gates;
    if (!gates && tensor.dtype !== DType.packed) continue;
    eachGroup(
      canonical,
      tensor,
      gates,
      FORMS[layout],
      (form, rows, group) => {
        for (let column = 0; column < tensor.dims[1]!; column++) {
          const bytes = Int8Array.from(form.places(column, tensor.dims[1]!), (place) => group[place]!);
          form.decode(bytes);
          rows.forEach((row, lane) => (row[column] = bytes[lane]!));
        }
      },
      'unpack',
    );
    setType(view, id, DType.i8);
  }
  return sealed(canonical, view, 'row_major');
}

/** Undefined if it is none this version knows; what the rest of the bytes are is not looked at. */
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

/**
 * Visits the groups of a matrix: four row-major rows and the packed group. What visit reads is a copy of what was
 * there, what it writes to stays.
 */
function eachGroup(
  image: Uint8Array,
  { dims, offset }: TensorRecord,
  gates: boolean,
  form: Form,
  visit: (form: Form, rows: readonly Int8Array[], group: Int8Array) => void,
  direction: 'pack' | 'unpack' = 'pack',
): void {
  const [count, columns] = [dims[0]!, dims[1]!];
  const there = new Int8Array(image.buffer, offset, count * columns);
  const copy = Int8Array.from(there);
  const [rowMajor, packed] = direction === 'pack' ? [copy, there] : [there, copy];
  for (let index = 0; index < Math.floor(count / LANES); index++) {
    const rows = [0, 1, 2, 3].map((lane) => {
      const row = gates ? (lane * count) / LANES + index : index * LANES + lane;
      return rowMajor.subarray(row * columns, (row + 1) * columns);
    });
    visit(form, rows, packed.subarray(index * LANES * columns, (index + 1) * LANES * columns));
  }
}

/** With the layout's tag and the CRC of what it holds now. */
function sealed(image: Uint8Array, view: DataView, layout: LayoutName): Uint8Array {
  view.setUint16(Header.offsets.layout, Layout[layout], true);
  view.setUint32(Header.offsets.crc32, crc32(image.subarray(CRC_START)), true);
  return image;
}
