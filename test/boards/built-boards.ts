/** The boards that can run here: firmware built, emulator installed. What cannot is said loudly. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findBoard, knownBoards, PACKAGE_ROOT, type BoardSpec } from '../../src/boards/registry.js';

/** Why a board with an emulator cannot run here; undefined: it can. */
export function missing(board: BoardSpec): string | undefined {
  const { kind, program } = board.emulator!;
  const file = kind === 'rp2040js' ? 'firmware.bin' : board.firmware;
  const built = ['build-firmware', 'prebuilt'].some((folder) =>
    existsSync(join(PACKAGE_ROOT, folder, board.name, file)),
  );
  if (!built) return 'its firmware is not built';
  if (kind !== 'qemu') return undefined;
  const installed = (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
  return installed ? undefined : `${program} is not installed`;
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

/** Those whose emulator is a program with a PTY, of all that can run. */
export function ptyBoards(): BoardSpec[] {
  return builtBoards().filter(({ emulator }) => emulator!.kind !== 'rp2040js');
}
