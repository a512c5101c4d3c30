/** What a board's flash holds: firmware first, then the model image where the firmware looks for it. */
import { LinnetError } from '../errors.js';
import { knownBoards, type BoardSpec } from './registry.js';

/** Erased flash reads as ones. */
const ERASED = 0xff;

/**
 * @param board one whose model lies in flash
 * @param firmware bytes at the start of flash
 * @param image a .linnet image
 * @returns the used part of flash, from its start
 * @throws LinnetError out_of_memory, with the bytes missing
 */
export function flashImage(board: BoardSpec, firmware: Uint8Array, image: Uint8Array): Uint8Array {
  const offset = board.image.origin - board.flash.origin;
  expectFit('the firmware', firmware, offset, 'flash', board, 'build it again; this is a fault of Linnet');
  expectModelFits(board, image);
  const flash = new Uint8Array(offset + image.length).fill(ERASED);
  flash.set(firmware);
  flash.set(image, offset);
  return flash;
}

/** @throws LinnetError out_of_memory, with the bytes missing */
export function expectModelFits(board: BoardSpec, image: Uint8Array): void {
  const { bytes, memory } = board.image;
  const larger = knownBoards().flatMap(({ name, image: room }) => (room.bytes >= image.length ? [name] : []));
  const remedy = `use a smaller model${larger.length > 0 ? `, or a board with room for it: ${larger.join(', ')}` : ''}`;
  expectFit('the model', image, bytes, memory, board, remedy);
}

function expectFit(
  thing: string,
  { length }: Uint8Array,
  room: number,
  memory: string,
  board: BoardSpec,
  remedy: string,
): void {
  if (length <= room) return;
  throw new LinnetError(
    'out_of_memory',
    `${thing} takes ${length} bytes of ${memory} and there are ${room}: ${length - room} too many`,
    board.name,
    remedy,
  );
}
