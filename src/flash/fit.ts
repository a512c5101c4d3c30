/** Whether a model fits a board, before anything is touched. */
import { knownBoards, type BoardSpec } from '../boards/registry.js';
import { LinnetError } from '../errors.js';
import type { Image } from '../image/read.js';
import { needOn } from '../report/summary.js';

/** @throws LinnetError out_of_memory, with the bytes missing and the boards that have room for all the model needs */
export function expectFits(board: BoardSpec, image: Image): void {
  const { ram, ramAvailable, flash, flashAvailable } = needOn(board, image);
  const check = (need: number, room: number, memory: string): void => {
    if (need <= room) return;
    const larger = knownBoards().filter((other) => needOn(other, image).fits);
    throw new LinnetError(
      'out_of_memory',
      `the model takes ${need} bytes of ${memory} and there are ${room}: ${need - room} too many`,
      board.name,
      `use a smaller model${larger.length > 0 ? `, or a board with room for it: ${larger.map(({ name }) => name).join(', ')}` : ''}`,
    );
  };
  check(flash, flashAvailable, board.image.memory);
  check(ram, ramAvailable, 'RAM');
}
