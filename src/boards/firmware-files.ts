/** Where the firmware build leaves its results. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LinnetError } from '../errors.js';
import { PACKAGE_ROOT, type BoardSpec } from './registry.js';

/** Path of the program or ELF file an emulator runs. @throws LinnetError file_not_found */
export async function firmwareProgram(board: BoardSpec): Promise<string> {
  return existing(board, board.firmware);
}

/** The bytes at the start of flash. @throws LinnetError file_not_found */
export async function firmwareBytes(board: BoardSpec): Promise<Uint8Array> {
  return readFile(await existing(board, board.firmware.replace(/\.elf$/, '.bin')));
}

async function existing(board: BoardSpec, file: string): Promise<string> {
  const path = join(PACKAGE_ROOT, 'build-firmware', board.name, file);
  try {
    await access(path);
  } catch {
    throw new LinnetError(
      'file_not_found',
      `the firmware of ${board.name} is not built`,
      join('build-firmware', board.name, file),
      'run "npm run build:firmware"',
    );
  }
  return path;
}
