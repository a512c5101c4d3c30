/** Flashing a board: which way, and doing it. */
import { firmwareBytes } from '../boards/firmware-files.js';
import type { BoardSpec, FlashWay } from '../boards/registry.js';
import { LinnetError } from '../errors.js';
import { flashToDrive } from './drive/flash.js';
import { findDrive } from './drive/find-drive.js';
import { probeFailure } from './drive/write-drive.js';
import { helloAfterFlash, type Answer } from './hello.js';
import type { OnFlashProgress } from './progress.js';
import { segmentsFor, totalBytes } from './segments.js';
import { flashOverSerial } from './stm32/flash.js';
import { flashWithTool } from './tool.js';

/** Until a board answers that was told to start, ms. */
const STARTED_MS = 3000;
/** Until one answers whose boot loader or probe has to see first that it is done, and whose USB port has to come back. */
const RESTARTED_MS = 10_000;

/** Where the real board is. */
export interface FlashTarget {
  /** Serial port: of the boot loader, if nothing else is given; of the board once it runs, in any case. */
  readonly port?: string | undefined;
  /** Folder of the boot loader's drive; `true`: find it. */
  readonly drive?: string | true | undefined;
  /** Program that flashes. */
  readonly tool?: string | undefined;
}

export interface FlashOptions {
  readonly onProgress?: OnFlashProgress;
  /** What a tool prints. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Everything is written; what remains is the board's answer. */
  readonly onWritten?: () => void;
  /** Whether to wait for the board's answer; by default, yes. */
  readonly hello?: boolean;
  /** How long to wait for it, ms; the default depends on the way. */
  readonly patienceMs?: number;
}

export interface Flashed {
  readonly way: FlashWay['way'];
  /** Of firmware and model. */
  readonly bytes: number;
  /** Serial port, folder or program it went to. */
  readonly to: string;
  /** Absent without `hello`. */
  readonly answer?: Answer;
}

/**
 * Flashes a real board, and asks it who it is.
 * @param sha256 of the image
 * @throws LinnetError usage, out_of_memory, file_not_found (firmware not built), those of the way and of helloAfterFlash
 */
export async function flashBoard(
  board: BoardSpec,
  image: { readonly bytes: Uint8Array; readonly sha256: string },
  target: FlashTarget,
  { hello = true, onProgress, onLine, onWritten, patienceMs, signal }: FlashOptions = {},
): Promise<Flashed> {
  const way = chooseWay(board, target);
  const segments = segmentsFor(board, await firmwareBytes(board), image.bytes);
  const options = { ...(onProgress && { onProgress }), ...(onLine && { onLine }), ...(signal && { signal }) };
  const done = async (to: string): Promise<Flashed> => {
    const flashed = { way: way.way, bytes: totalBytes(segments), to };
    onWritten?.();
    if (!hello) return flashed;
    const patience = patienceMs ?? (way.way === 'stm32_rom' ? STARTED_MS : RESTARTED_MS);
    const asked = { port: target.port, signal, patienceMs: patience };
    return { ...flashed, answer: await helloAfterFlash(board, image.sha256, asked) };
  };
  switch (way.way) {
    case 'stm32_rom':
      await flashOverSerial(target.port!, way, segments, options).catch((error: unknown) => {
        throw withSteps(board, error);
      });
      return done(target.port!);
    case 'tool':
      await flashWithTool(way, segments, options);
      return done(way.program);
    case 'uf2':
    case 'hex_drive': {
      const folder = await findDrive(board, way, typeof target.drive === 'string' ? target.drive : undefined);
      await flashToDrive(folder, way, segments, options);
      return done(folder).catch(async (error: unknown) => {
        throw (await refusalOfProbe(folder)) ?? error;
      });
    }
  }
}

function withSteps(board: BoardSpec, error: unknown): unknown {
  if (!(error instanceof LinnetError && error.code === 'no_boot_loader')) return error;
  const { code, what, where, remedy } = error;
  return new LinnetError(code, what, where, `${remedy}; "linnet boards ${board.name}" has the steps`, { cause: error });
}

async function refusalOfProbe(folder: string): Promise<LinnetError | undefined> {
  const words = await probeFailure(folder);
  return words === undefined
    ? undefined
    : new LinnetError('flash_failed', `the board's probe says: ${words}`, folder, 'plug the board in again and retry');
}

/**
 * The first way of the kind that is asked for; if none is, the first that needs no telling.
 * @throws LinnetError usage, with the ways there are
 */
export function chooseWay(board: BoardSpec, { port, drive, tool }: FlashTarget): FlashWay {
  const ways = board.flashing?.ways ?? [];
  const [option, fits]: [string, (way: FlashWay) => boolean] =
    tool !== undefined
      ? ['--with', (way) => way.way === 'tool' && way.program === tool]
      : drive !== undefined
        ? ['--drive', ({ way }) => way === 'uf2' || way === 'hex_drive']
        : port !== undefined
          ? ['--port', ({ way }) => way === 'stm32_rom']
          : ['flash', ({ way }) => way !== 'stm32_rom'];
  const way = ways.find(fits);
  if (way) return way;
  throw new LinnetError(
    'usage',
    ways.length === 0 ? `no way to flash a real ${board.name} is known` : `a ${board.name} is not flashed that way`,
    option,
    ways.length === 0
      ? `write a file with -o and flash it with what you have${board.emulator ? `, or leave ${option} out to flash the emulated one` : ''}`
      : `say ${[...new Set(ways.map(optionFor))].join(' or ')}`,
  );
}

function optionFor(way: FlashWay): string {
  switch (way.way) {
    case 'stm32_rom':
      return '--port PATH';
    case 'tool':
      return `--with ${way.program}`;
    case 'uf2':
    case 'hex_drive':
      return '--drive';
  }
}
