/** board.json of every board: complete, and true to itself. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findBoard, knownBoards, PACKAGE_ROOT } from '../../src/boards/registry.js';

test('the boards of the repository are known, by name', () => {
  const names = knownBoards().map(({ name }) => name);
  expect(names).toEqual([...names].sort());
  expect(names).toEqual(expect.arrayContaining(['host', 'netduinoplus2']));
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
  expect(['emulator', 'hardware', 'no']).toContain(board.verified);
  expect(board.flash.image_offset % 16).toBe(0);
  expect(board.flash.image_offset).toBeLessThan(board.flash.bytes);
  expect(board.ram.arena_bytes).toBeLessThanOrEqual(board.ram.bytes);
  if (!board.emulator) return;
  expect(['qemu', 'process']).toContain(board.emulator.kind);
  const args = board.emulator.flash_args ?? board.emulator.image_args;
  expect(args.join(' ')).toMatch(/\{(flash|image)\}/);
});
