/** Packing for boards: only the order of weights changes, and it can be undone. What it means, native tests say. */
import { crc32 } from 'node:zlib';
import { boardImage, isModel, sha256Of } from '../../src/boards/board-image';
import { findBoard } from '../../src/boards/registry';
import { ImageError } from '../../src/image/fault';
import { matricesOf } from '../../src/image/ops';
import { layoutOf, packImage, unpackImage } from '../../src/image/pack';
import { openImage } from '../../src/image/read';
import { writeImage } from '../../src/image/write';
import { DType, Header, Layout, Tensor } from '../../src/schema/image';
import { MODELS } from '../conformance/models';

const LAYOUTS = ['packed_pairs', 'packed_quads'] as const;
const images = Object.entries(MODELS).map(([name, make]) => [name, writeImage(make())] as const);

const headerOf = (image: Uint8Array) => Header.read(new DataView(image.buffer, image.byteOffset), 0);
const tensorOf = (image: Uint8Array, id: number) =>
  Tensor.read(new DataView(image.buffer, image.byteOffset), headerOf(image).tensors.offset + id * Tensor.size);

describe.each(LAYOUTS)('%s', (layout) => {
  test.each(images)('%s comes back as it was', (_name, image) => {
    const packed = packImage(image, layout);
    expect(packed).not.toEqual(image);
    expect(layoutOf(packed)).toBe(layout);
    expect(Buffer.compare(unpackImage(packed), image)).toBe(0);
    expect(packImage(packed, layout)).toBe(packed);
  });

  test.each(images)(
    '%s: weights of matrices change places within their tensor, and nothing else changes',
    (name, image) => {
      const packed = packImage(image, layout);
      expect(packed).toHaveLength(image.length);
      expect(headerOf(packed).crc32).toBe(crc32(packed.subarray(16)));
      const { tensors, ops } = openImage(image, name);
      const gates = new Set(ops.flatMap((op) => (op.op === 'lstm' ? matricesOf(op).map(({ weight }) => weight) : [])));
      const others = Uint8Array.from(packed);
      for (const { id, offset, bytes } of tensors) {
        const { dtype } = tensorOf(packed, id);
        if (dtype === tensorOf(image, id).dtype) continue;
        expect(dtype).toBe(gates.has(id) ? DType.packed_gates : DType.packed);
        others.set(image.subarray(offset, offset + bytes), offset);
        others[headerOf(packed).tensors.offset + id * Tensor.size] = DType.i8;
      }
      others.set(image.subarray(0, 16));
      expect(Buffer.compare(others, image)).toBe(0);
    },
  );
});

/** A matrix of 5 rows and 3 columns, row r having 10·r + 1, 10·r + 2, -(10·r + 3), as a head. */
function packedHead(layout: (typeof LAYOUTS)[number]): number[] {
  const image = images.find(([name]) => name === 'lm-untied')![1];
  const opened = openImage(image, 'lm-untied');
  const head = opened.ops.at(-1)!;
  const { weight } = matricesOf(head)[0]!;
  const { offset, dims } = opened.tensors[weight]!;
  const small = Uint8Array.from(image);
  const view = new DataView(small.buffer);
  const columns = dims[1]!;
  for (let row = 0; row < 4; row++)
    for (let column = 0; column < columns; column++)
      view.setInt8(offset + row * columns + column, column === 2 ? -(10 * row + 3) : 10 * row + column + 1);
  view.setUint32(Header.offsets.crc32, crc32(small.subarray(16)), true);
  const packed = packImage(small, layout);
  return [...new Int8Array(packed.buffer, offset, 16)];
}

test('pairs: halfwords 256·a + b of two columns, then those of rows c and d', () => {
  // Column 0 and 1 of a, b: 1, 2 and 11, 12; of c, d: 21, 22 and 31, 32. Little-endian: b first. Then columns 2 and 3,
  // where b is negative and borrows of a.
  expect(packedHead('packed_pairs')).toEqual([11, 1, 12, 2, 31, 21, 32, 22, -13, -4, 14, 4, -33, -24, 34, 24]);
});

test('quads: a word a column, row a at its top, the others with 128 added', () => {
  const plus = (v: number): number => v - 128; // modulo 256, as int8
  expect(packedHead('packed_quads')).toEqual(
    [31, 21, 11, 1, 32, 22, 12, 2, -33, -23, -13, -3, 34, 24, 14, 4].map((v, i) => {
      if (i % 4 === 3) return v;
      return v < 0 ? v + 128 : plus(v);
    }),
  );
});

test('what is no image is refused when it is to be packed, and so is a layout from the future', () => {
  expect(() => packImage(Uint8Array.of(1, 2, 3), 'packed_pairs')).toThrow(ImageError);
  const future = Uint8Array.from(images[0]![1]);
  new DataView(future.buffer).setUint16(Header.offsets.layout, 99, true);
  expect(layoutOf(future)).toBeUndefined();
  expect(unpackImage(future)).toBe(future);
  expect(() => packImage(future, 'packed_pairs')).toThrow(expect.objectContaining({ code: 'unsupported_layout' }));
});

test('damaged packed images never break the unpacking', () => {
  for (const [, image] of images.slice(0, 4)) {
    const packed = packImage(image, 'packed_pairs');
    for (let at = 8; at < 600; at++) {
      const damaged = Uint8Array.from(packed);
      damaged[at]! ^= 0xff;
      expect(() => openImage(unpackImage(damaged), 'x')).toThrow(ImageError);
      new DataView(damaged.buffer).setUint32(Header.offsets.crc32, crc32(damaged.subarray(16)), true);
      expect(unpackImage(damaged)).toHaveLength(packed.length);
      expect(unpackImage(damaged.subarray(0, at))).toHaveLength(at);
    }
  }
});

test('a canonical image with packed weights is refused', () => {
  const packed = packImage(images[0]![1], 'packed_quads');
  new DataView(packed.buffer).setUint16(Header.offsets.layout, Layout.row_major, true);
  expect(() => openImage(packed, 'x')).toThrow(expect.objectContaining({ code: 'bad_tensor' }));
});

test('a board gets an image in its layout, and what it holds is known for the same model', () => {
  const image = images[0]![1];
  const m4 = findBoard('mps2-an386');
  const packed = boardImage(m4, image);
  expect(layoutOf(packed)).toBe('packed_pairs');
  expect(boardImage(m4, packed)).toBe(packed);
  expect(boardImage(m4, packImage(image, 'packed_quads'))).toEqual(packed);
  expect(boardImage(findBoard('host'), packed)).toEqual(image);
  expect(isModel(sha256Of(packed), image)).toBe(true);
  expect(isModel(sha256Of(image), packed)).toBe(true);
  expect(isModel(sha256Of(images[1]![1]), image)).toBe(false);
});
