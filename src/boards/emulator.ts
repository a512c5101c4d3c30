/** Starts an emulator that is a program and finds the PTY its UART is on. */
import { LinnetError } from '../errors.js';
import { findProgram } from './find-program.js';
import { firmwareProgram } from './firmware-files.js';
import { GuardedProcess, type Exit } from './guarded-process.js';
import type { BoardSpec, ProgramEmulatorSpec } from './registry.js';

/** From the start of the program to the name of its PTY, ms. */
const START_TIMEOUT_MS = 10_000;

/** Debian packages of the emulators that are not called like their program. */
const PACKAGES: Readonly<Record<string, string>> = {
  'qemu-system-riscv32': 'qemu-system-misc',
  'qemu-system-avr': 'qemu-system-misc',
};

export interface RunningEmulator {
  /** Serial port of the board. */
  readonly port: string;
  /** Process group, for whoever must see that nothing is left. */
  readonly pid: number;
  /** Settles when it has ended, by stop() or by itself. */
  readonly exited: Promise<Exit>;
  /** Ends it and waits until it is gone. It also ends when this process does, however that happens. */
  stop(): Promise<void>;
}

/**
 * @param flashFile what the board's flash holds (flashImage)
 * @throws LinnetError tool_missing, file_not_found (firmware not built), emulator_failed
 */
export async function startEmulator(board: BoardSpec, flashFile: string): Promise<RunningEmulator> {
  const emulator = expectProgramEmulator(board);
  const firmware = await firmwareProgram(board);
  const fill = (arg: string): string => {
    // A comma in a value of QEMU's option lists is doubled.
    const isList = emulator.kind === 'qemu' && arg.includes('={');
    const value = (path: string): string => (isList ? path.replaceAll(',', ',,') : path);
    return arg
      .replaceAll('{firmware}', value(firmware))
      .replaceAll('{image}', value(flashFile))
      .replaceAll('{flash}', value(flashFile));
  };
  const program = fill(emulator.program);
  await expectProgram(program);

  let announce: (port: string) => void;
  const announced = new Promise<string>((resolve) => (announce = resolve));
  let output = '';
  const child = new GuardedProcess(
    program,
    [...emulator.args, ...(emulator.flash_args ?? emulator.image_args)].map(fill),
    (text) => {
      output += text;
      const port = /\/dev\/(?:pts\/\d+|ttys\d+)\b(?=[^\d])/.exec(output)?.[0];
      if (port) announce(port);
      output = output.slice(-256);
    },
  );
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(failed(board, 'names no serial port')), START_TIMEOUT_MS);
  });
  const ended = child.exited.then((exit): never => {
    throw emulatorEnded(board, exit);
  });
  ended.catch(() => undefined); // a later end is the owner's business
  try {
    const port = await Promise.race([announced, ended, late]);
    return { port, pid: child.pid!, exited: child.exited, stop: () => child.stop() };
  } catch (error) {
    await child.stop();
    throw error;
  } finally {
    clearTimeout(timer!);
  }
}

/** @throws LinnetError tool_missing, if the board's emulator is not installed */
export async function expectEmulatorInstalled(board: BoardSpec): Promise<void> {
  const { emulator } = board;
  if (!emulator) throw noEmulator(board);
  if (emulator.kind === 'qemu') await expectProgram(emulator.program);
}

function expectProgramEmulator(board: BoardSpec): ProgramEmulatorSpec {
  const { emulator } = board;
  if (emulator && emulator.kind !== 'rp2040js') return emulator;
  throw noEmulator(board);
}

function noEmulator(board: BoardSpec): LinnetError {
  return new LinnetError(
    'unknown_board',
    `there is no emulator for ${board.name}`,
    board.name,
    'attach the board and give its --port',
  );
}

async function expectProgram(program: string): Promise<void> {
  if ((await findProgram(program)) !== undefined) return;
  throw new LinnetError(
    'tool_missing',
    `${program} is not installed`,
    'emulator',
    `install it ("sudo apt-get install ${PACKAGES[program] ?? program}")`,
  );
}

/** The error of an emulator that ended by itself, in its own words. */
export function emulatorEnded(board: BoardSpec, { status, stderr }: Exit): LinnetError {
  const words = stderr.trim().split('\n').at(-1);
  return failed(board, `ended with status ${status}${words ? `: ${words}` : ''}`);
}

function failed(board: BoardSpec, what: string): LinnetError {
  return new LinnetError(
    'emulator_failed',
    `the emulator of ${board.name} ${what}`,
    board.name,
    'run it again; "linnet boards" lists others',
  );
}
