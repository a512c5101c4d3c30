/** One run of a board's bench firmware (firmware/bench/main.cc) in its emulator. */
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boardImage } from '../boards/board-image.js';
import { expectEmulatorInstalled } from '../boards/emulator.js';
import { flashFileBytes } from '../boards/emulated-flash.js';
import { expectModelFits } from '../boards/flash-image.js';
import { GuardedProcess } from '../boards/guarded-process.js';
import { PACKAGE_ROOT, type BoardSpec, type ProgramEmulatorSpec } from '../boards/registry.js';
import { LinnetError } from '../errors.js';

/** Far longer than any run takes, ms. */
const TIMEOUT_MS = 120_000;

export interface OpCount {
  /** Position in the image. */
  readonly index: number;
  /** OpType. */
  readonly type: number;
  readonly ticks: number;
  /** Multiply-accumulates. */
  readonly macs: number;
}

/** Ticks are instructions where board.json says so. */
export interface BenchRun {
  readonly ops: readonly OpCount[];
  /** Of feeding one token and choosing the next; undefined for a classifier. */
  readonly token: number | undefined;
  /** State, scratch and workspace, bytes. */
  readonly ram: number;
  /** Of the self-test, hex. */
  readonly digest: string;
}

/**
 * @param image a model of any layout that fits the board
 * @throws LinnetError out_of_memory, file_not_found (firmware not built), tool_missing, emulator_failed, or what the
 * board says of the image
 */
export async function runBench(board: BoardSpec, image: Uint8Array): Promise<BenchRun> {
  expectProgram(board);
  await expectEmulatorInstalled(board);
  const folder = await mkdtemp(join(tmpdir(), 'linnet-bench-'));
  try {
    return parse(board, await output(board, await argumentsFor(board, boardImage(board, image), folder)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of the emulator, its UART on stdout. */
async function argumentsFor(board: BoardSpec, model: Uint8Array, folder: string): Promise<string[]> {
  const emulator = expectProgram(board);
  const file = join(folder, 'memory.bin');
  if (emulator.flash_args) {
    await writeFile(file, flashFileBytes(board, await readFile(await builtFile(board, '.bin')), model));
  } else {
    expectModelFits(board, model);
    await writeFile(file, model);
  }
  const firmware = await builtFile(board, '.elf');
  const fill = (arg: string): string =>
    arg
      .replaceAll('{firmware}', firmware)
      .replaceAll('{image}', file)
      .replaceAll('{flash}', file)
      .replace(/^pty$/, 'stdio');
  return [...emulator.args, ...(emulator.flash_args ?? emulator.image_args)].map(fill);
}

function expectProgram(board: BoardSpec): ProgramEmulatorSpec {
  const { emulator } = board;
  if (emulator?.kind === 'qemu') return emulator;
  throw new LinnetError(
    'usage',
    `the emulator of ${board.name} counts no instructions`,
    board.name,
    'choose another board',
  );
}

async function builtFile(board: BoardSpec, extension: string): Promise<string> {
  const path = join('build-firmware', board.name, `bench-${board.firmware.replace(/\.elf$/, extension)}`);
  try {
    await access(join(PACKAGE_ROOT, path));
  } catch {
    throw new LinnetError(
      'file_not_found',
      `the bench firmware of ${board.name} is not built`,
      path,
      `run "sh firmware/build.sh ${board.name}"`,
    );
  }
  return join(PACKAGE_ROOT, path);
}

/** All that the board prints, up to "done" or "error". */
async function output(board: BoardSpec, args: string[]): Promise<string> {
  let text = '';
  let finish: () => void;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const child = new GuardedProcess(expectProgram(board).program, args, (part) => {
    text += part;
    if (/^(done|error \d+)\r?$/m.test(text)) finish();
  });
  const timer = setTimeout(() => finish(), TIMEOUT_MS);
  try {
    const end = await Promise.race([finished, child.exited]);
    if (end) throw failed(board, `ended with status ${end.status}: ${end.stderr.trim().split('\n').at(-1)}`);
    return text;
  } finally {
    clearTimeout(timer);
    await child.stop();
  }
}

function parse(board: BoardSpec, text: string): BenchRun {
  const error = /^error (\d+)/m.exec(text);
  if (error) throw LinnetError.fromStatus(Number(error[1]), board.name);
  const number = (name: string): number | undefined => {
    const match = new RegExp(`^${name} (\\d+)`, 'm').exec(text);
    return match ? Number(match[1]) : undefined;
  };
  const ram = number('ram');
  const digest = /^digest ([0-9a-f]{64})/m.exec(text)?.[1];
  if (!/^done/m.test(text) || ram === undefined || digest === undefined) throw failed(board, 'did not finish');
  const ops = [...text.matchAll(/^op (\d+) (\d+) (\d+) (\d+)/gm)].map(([, ...fields]): OpCount => {
    const [index, type, ticks, macs] = fields.map(Number) as [number, number, number, number];
    return { index, type, ticks, macs };
  });
  return { ops, token: number('token'), ram, digest };
}

function failed(board: BoardSpec, what: string): LinnetError {
  return new LinnetError('emulator_failed', `the bench firmware of ${board.name} ${what}`, board.name, 'run it again');
}
