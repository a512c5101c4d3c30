/** What a board's flash holds: firmware first, then the model image where the firmware looks for it. */
import { LinnetError } from '../errors.js';
import type { BoardSpec } from './registry.js';

/** Erased flash reads as ones. */
const ERASED = 0xff;

/**
 * @param firmware bytes at the start of flash; empty for a board whose firmware is a program of its own
 * @param image a .linnet image
 * @returns the used part of flash, from its start
 * @throws LinnetError out_of_memory, with the bytes missing
 */
export function flashImage(board: BoardSpec, firmware: Uint8Array, image: Uint8Array): Uint8Array {
  const { bytes, image_offset: offset } = board.flash;
  expectFit(firmware.length, offset || bytes, 'the firmware', board, 'build it again; this is a fault of Linnet');
  expectFit(image.length, bytes - offset, 'the model', board, 'use a smaller model or a board with more flash');
  const flash = new Uint8Array(offset + image.length).fill(ERASED);
  flash.set(firmware);
  flash.set(image, offset);
  return flash;
}

function expectFit(size: number, room: number, thing: string, board: BoardSpec, remedy: string): void {
  if (size <= room) return;
  throw new LinnetError(
    'out_of_memory',
    `${thing} takes ${size} bytes of flash and there are ${room}: ${size - room} too many`,
    board.name,
    remedy,
  );
}
