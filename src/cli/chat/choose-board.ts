/** Emulated boards that can run here, and the one to take when none is named. */
import { expectEmulatorInstalled } from '../../boards/emulator.js';
import { expectFirmware } from '../../boards/firmware-files.js';
import { knownBoards, type BoardSpec } from '../../boards/registry.js';
import { LinnetError } from '../../errors.js';
import type { Image } from '../../image/read.js';
import { needOn } from '../../report/summary.js';

/** Most like a board one can buy, and fast, comes first; the computer itself is no board and comes last. */
const PREFERRED = ['netduinoplus2', 'mps2-an386', 'pico'];

/** In the order in which one is chosen. @param image those with room for it */
export function emulatedBoards(image?: Image): BoardSpec[] {
  const rank = ({ name, emulator }: BoardSpec): number => {
    if (emulator!.kind === 'process') return Infinity;
    const place = PREFERRED.indexOf(name);
    return place < 0 ? PREFERRED.length : place;
  };
  return knownBoards()
    .filter((board) => board.emulator && (!image || needOn(board, image).fits))
    .sort((a, b) => (rank(a) === rank(b) ? a.image.bytes - b.image.bytes : rank(a) - rank(b)));
}

/** What is missing to run the board here: its emulator, its firmware. Undefined: nothing. */
export async function whatIsMissing(board: BoardSpec): Promise<LinnetError | undefined> {
  try {
    await expectEmulatorInstalled(board);
    await expectFirmware(board);
    return undefined;
  } catch (error) {
    if (error instanceof LinnetError) return error;
    throw error;
  }
}

export interface Choice {
  readonly board: BoardSpec;
  /** Why it is not the first of the order. */
  readonly instead?: { readonly of: BoardSpec; readonly missing: LinnetError };
}

/** The first that can run. @throws LinnetError what the first one needs, if none can; out_of_memory, if none has room */
export async function chooseBoard(boards: readonly BoardSpec[]): Promise<Choice> {
  let first: Choice['instead'];
  for (const board of boards) {
    const missing = await whatIsMissing(board);
    if (!missing) return { board, ...(first && { instead: first }) };
    first ??= { of: board, missing };
  }
  if (first) throw first.missing;
  throw new LinnetError('out_of_memory', 'no board has room for this model', 'chat', 'use a smaller model');
}
