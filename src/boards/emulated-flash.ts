/** The flash of emulated boards: files that stay, as flash does, so that what was flashed runs next time too. */
import { access, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LinnetError } from '../errors.js';
import { linnetHome } from '../home.js';
import { boardImage } from './board-image.js';
import { elfFile } from './elf.js';
import { firmwareBytes } from './firmware-files.js';
import { expectModelFits, flashImage } from './flash-image.js';
import type { BoardSpec } from './registry.js';
import { sweepTemporaries, temporaryIn } from './temporary.js';

export interface FlashFile {
  readonly path: string;
  /** Call once the emulator has read it. */
  release(): Promise<void>;
}

/** $LINNET_HOME/boards/<name>/flash.bin, by default below ~/.cache/linnet. */
export function emulatedFlashPath(board: BoardSpec): string {
  return join(linnetHome(), 'boards', board.name, 'flash.bin');
}

/**
 * Flashes an emulated board, unless it holds the same bytes already.
 * @returns a second name of the file: what another process flashes meanwhile does not change it
 * @throws LinnetError out_of_memory, file_not_found (firmware not built), file_unwritable
 */
export async function flashEmulated(board: BoardSpec, image: Uint8Array): Promise<FlashFile> {
  const bytes = await memoryBytes(board, image);
  const path = emulatedFlashPath(board);
  const folder = dirname(path);
  const fresh = temporaryIn(folder);
  const mine = temporaryIn(folder);
  try {
    await makeFolder(folder);
    await sweepTemporaries(folder);
    await writeFile(fresh, bytes);
    await link(fresh, mine);
    if (await holds(path, bytes)) await rm(fresh);
    else await rename(fresh, path);
  } catch (error) {
    await Promise.allSettled([rm(fresh, { force: true }), rm(mine, { force: true })]);
    const { code } = error as NodeJS.ErrnoException;
    throw new LinnetError(
      'file_unwritable',
      `cannot write the flash of ${board.name} (${code})`,
      path,
      'free some space, or set LINNET_HOME',
      {
        cause: error,
      },
    );
  }
  return { path: mine, release: () => rm(mine, { force: true }) };
}

/**
 * What the emulator's file holds: flash as it is, or only the model, beside which the emulator loads the firmware.
 * @throws LinnetError out_of_memory, file_not_found (firmware not built)
 */
export async function memoryBytes(board: BoardSpec, image: Uint8Array): Promise<Uint8Array> {
  const model = boardImage(board, image);
  if (!holdsFirmware(board)) {
    expectModelFits(board, model);
    return model;
  }
  return flashFileBytes(board, await firmwareBytes(board), model);
}

/** Flash with this firmware and an image, in the form of file that the board's emulator loads. */
export function flashFileBytes(board: BoardSpec, firmware: Uint8Array, image: Uint8Array): Uint8Array {
  const flash = flashImage(board, firmware, image);
  return board.emulator?.flash_file === 'elf' ? elfFile(board.flash.origin, flash) : flash;
}

function holdsFirmware({ emulator }: BoardSpec): boolean {
  return emulator?.kind === 'rp2040js' || emulator?.flash_args !== undefined;
}

/** What was flashed last. @throws LinnetError no_model */
export async function flashedFile(board: BoardSpec): Promise<FlashFile> {
  const path = emulatedFlashPath(board);
  try {
    await access(path);
  } catch {
    throw new LinnetError(
      'no_model',
      `nothing has been flashed to ${board.name} yet`,
      path,
      `run "linnet flash ${board.name} <image>"`,
    );
  }
  return { path, release: () => Promise.resolve() };
}

/** With its parents. Node's own recursive mkdir never ends where the system answers ENOENT for good, as /proc does. */
async function makeFolder(path: string): Promise<void> {
  const make = (): Promise<void> =>
    mkdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  try {
    await make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await make();
  }
}

async function holds(path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    return Buffer.compare(await readFile(path), bytes) === 0;
  } catch {
    return false;
  }
}
