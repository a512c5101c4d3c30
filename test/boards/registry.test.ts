/** board.json of every board: complete, and true to itself. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findBoard, knownBoards, PACKAGE_ROOT } from '../../src/boards/registry.js';

test('the boards of the repository are known, by name', () => {
  const names = knownBoards().map(({ name }) => name);
  expect(names).toEqual([...names].sort());
  expect(names).toEqual(expect.arrayContaining(['host', 'mps2-an386', 'netduinoplus2']));
});

test('an unknown board is one error that names the known ones', () => {
  expect(() => findBoard('abacus')).toThrow(
    expect.objectContaining({ code: 'unknown_board', message: expect.stringMatching(/"abacus".*host.*netduinoplus2/) }),
  );
  expect(() => findBoard('../boards/host')).toThrow(expect.objectContaining({ code: 'unknown_board' }));
});

test.each(knownBoards().map((board) => [board.name, board] as const))('%s is described completely', (name, board) => {
  expect(existsSync(join(PACKAGE_ROOT, 'firmware', 'boards', name))).toBe(true);
  expect(existsSync(join(PACKAGE_ROOT, 'firmware', 'mcu', board.mcu))).toBe(true);
  expect(board.cpu).toMatch(/./);
  expect(['emulator', 'hardware', 'build']).toContain(board.verified);
  const { flash, image } = board;
  expect(image.origin % 16).toBe(0);
  expect(image.bytes).toBeGreaterThan(0);
  // Flash is one memory up to its end: what of it is not the firmware's is the model's.
  const inFlash = image.origin >= flash.origin && image.origin < flash.origin + flash.bytes;
  const last = image.upload?.keeps === 'for_good' ? image.upload.origin : image.origin;
  if (inFlash) expect(last + image.bytes).toBe(flash.origin + flash.bytes);
  expect(board.ram.arena_bytes).toBeLessThanOrEqual(board.ram.bytes);
  if (!board.emulator) return;
  expect(['qemu', 'process', 'rp2040js']).toContain(board.emulator.kind);
  if (board.emulator.kind === 'rp2040js') return;
  const { flash_args: flashArgs, image_args: imageArgs } = board.emulator;
  expect([flashArgs, imageArgs].filter(Boolean)).toHaveLength(1);
  expect((flashArgs ?? imageArgs)!.join(' ')).toContain(flashArgs ? '{flash}' : '{image}');
  const at = /addr=(0x[0-9a-f]+)/.exec((flashArgs ?? imageArgs)!.join(' '))?.[1];
  // (An ELF file has the address in it.)
  if (board.emulator.kind === 'qemu' && board.emulator.flash_file !== 'elf')
    expect(Number(at)).toBe(flashArgs ? flash.origin : image.origin);
});
