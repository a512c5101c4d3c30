/** The boards that can run here: firmware built, emulator installed. What cannot is said loudly. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findBoard, knownBoards, PACKAGE_ROOT, type BoardSpec } from '../../src/boards/registry.js';

function missing(board: BoardSpec): string | undefined {
  if (!existsSync(join(PACKAGE_ROOT, 'build-firmware', board.name, board.firmware))) return 'its firmware is not built';
  const { kind, program } = board.emulator!;
  const installed = (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
  return kind === 'qemu' && !installed ? `${program} is not installed` : undefined;
}

/** Those of the named boards that can run; of all that can be emulated, if none is named. */
export function builtBoards(...names: string[]): BoardSpec[] {
  const boards = names.length > 0 ? names.map(findBoard) : knownBoards().filter(({ emulator }) => emulator);
  return boards.filter((board) => {
    const why = missing(board);
    if (why !== undefined) console.warn(`SKIPPED: tests on ${board.name}, for ${why}`);
    return why === undefined;
  });
}
