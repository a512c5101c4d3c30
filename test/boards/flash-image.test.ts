/** What goes into flash, and what does not fit. */
import { flashImage } from '../../src/boards/flash-image.js';
import { findBoard } from '../../src/boards/registry.js';

const board = findBoard('netduinoplus2');
const { bytes, image_offset: offset } = board.flash;

test('firmware at the start, the model where the firmware looks, erased bytes between', () => {
  const flash = flashImage(board, Uint8Array.of(1, 2, 3), Uint8Array.of(7, 8));
  expect(flash).toHaveLength(offset + 2);
  expect([...flash.subarray(0, 5)]).toEqual([1, 2, 3, 0xff, 0xff]);
  expect([...flash.subarray(offset - 2)]).toEqual([0xff, 0xff, 7, 8]);
});

test('a model that fills flash to the last byte fits, one byte more does not', () => {
  const most = bytes - offset;
  expect(flashImage(board, new Uint8Array(offset), new Uint8Array(most))).toHaveLength(bytes);
  expect(() => flashImage(board, new Uint8Array(), new Uint8Array(most + 16))).toThrow(
    expect.objectContaining({
      code: 'out_of_memory',
      what: `the model takes ${most + 16} bytes of flash and there are ${most}: 16 too many`,
    }),
  );
});

test('firmware that reaches into the model is refused', () => {
  expect(() => flashImage(board, new Uint8Array(offset + 1), new Uint8Array(16))).toThrow(
    expect.objectContaining({ code: 'out_of_memory', what: expect.stringContaining('the firmware') }),
  );
});
