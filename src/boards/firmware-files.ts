/** Firmware: what was built here, or what the package brings along. */
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

/** Results of firmware/build.sh, and of scripts/prepack.mjs for boards that need nothing but npm. */
const FOLDERS = ['build-firmware', 'prebuilt'];

async function existing(board: BoardSpec, file: string): Promise<string> {
  for (const folder of FOLDERS) {
    const path = join(PACKAGE_ROOT, folder, board.name, file);
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw new LinnetError(
    'file_not_found',
    `the firmware of ${board.name} is not built`,
    join(FOLDERS[0]!, board.name, file),
    `run "sh firmware/build.sh ${board.name}"`,
  );
}

/** Whether what the board's emulator runs is there. @throws LinnetError file_not_found */
export async function expectFirmware(board: BoardSpec): Promise<void> {
  await (board.emulator?.kind === 'rp2040js' ? firmwareBytes(board) : firmwareProgram(board));
}
