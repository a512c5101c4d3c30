/** What goes into flash, and what does not fit. */
import { expectModelFits, flashImage } from '../../src/boards/flash-image.js';
import { findBoard, knownBoards } from '../../src/boards/registry.js';

const board = findBoard('netduinoplus2');
const { bytes } = board.flash;
const offset = board.image.origin - board.flash.origin;

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

test('a model that is too big is told where there is room', () => {
  const larger = knownBoards().filter(({ image }) => image.bytes >= 5_000_000);
  expect(larger.map(({ name }) => name)).toEqual(expect.arrayContaining(['host', 'mps2-an386', 'riscv-virt']));
  expect(() => expectModelFits(board, new Uint8Array(5_000_000))).toThrow(
    expect.objectContaining({
      remedy: `use a smaller model, or a board with room for it: ${larger.map(({ name }) => name).join(', ')}`,
    }),
  );
});

test('a model that lies in a memory of its own is measured by that, and the error says which', () => {
  const apart = findBoard('mps2-an386');
  const most = apart.image.bytes;
  expect(most).toBeGreaterThan(apart.flash.bytes);
  expect(() => expectModelFits(apart, new Uint8Array(most))).not.toThrow();
  expect(() => expectModelFits(apart, new Uint8Array(most + 16))).toThrow(
    expect.objectContaining({
      code: 'out_of_memory',
      what: `the model takes ${most + 16} bytes of PSRAM and there are ${most}: 16 too many`,
    }),
  );
});

test('firmware that reaches into the model is refused', () => {
  expect(() => flashImage(board, new Uint8Array(offset + 1), new Uint8Array(16))).toThrow(
    expect.objectContaining({ code: 'out_of_memory', what: expect.stringContaining('the firmware') }),
  );
});
