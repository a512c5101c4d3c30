/** Way "tool": hands over to a program that is installed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../boards/find-program.js';
import { GuardedProcess } from '../boards/guarded-process.js';
import type { FlashWay } from '../boards/registry.js';
import { LinnetError } from '../errors.js';
import { FILE_FORMATS, type FileFormat } from './file.js';
import type { Segment } from './segments.js';

export type ToolWay = Extract<FlashWay, { way: 'tool' }>;

/** Debian packages that are not called like their program, and programs Debian does not have. */
const SOURCES: Readonly<Record<string, string>> = {
  'st-flash': '"sudo apt-get install stlink-tools"',
  picotool: 'build it from github.com/raspberrypi/picotool, or use the drive (--drive)',
  'probe-rs': 'see probe.rs',
  nrfjprog: "get Nordic's nRF Command Line Tools",
};

const MAX_WORDS = 200;

export interface ToolOptions {
  /** Lines the program writes. */
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * @param segments firmware and model
 * @throws LinnetError tool_missing; flash_failed, with the program's last words; the signal's reason
 */
export async function flashWithTool(
  way: ToolWay,
  segments: readonly Segment[],
  { onLine = () => undefined, signal }: ToolOptions = {},
): Promise<void> {
  const path = await expectInstalled(way);
  const folder = await mkdtemp(join(tmpdir(), 'linnet-flash-'));
  try {
    await run(way.program, path, await toolArguments(way, segments, folder), onLine, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Arguments with their files, written into the folder. */
export async function toolArguments(way: ToolWay, segments: readonly Segment[], folder: string): Promise<string[]> {
  const values = new Map([['{address}', `0x${segments[0]!.address.toString(16).padStart(8, '0')}`]]);
  for (const format of Object.keys(FILE_FORMATS) as FileFormat[]) {
    if (!way.args.some((arg) => arg.includes(`{${format}}`))) continue;
    const path = join(folder, `linnet.${format}`);
    await writeFile(path, FILE_FORMATS[format](segments, Number(way.uf2_family)));
    values.set(`{${format}}`, path);
  }
  return way.args.map((arg) => arg.replace(/\{(bin|hex|uf2|address)\}/g, (name) => values.get(name)!));
}

async function run(
  program: string,
  path: string,
  args: readonly string[],
  onLine: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  let line = '';
  let said = '';
  const child = new GuardedProcess(path, args, (text) => {
    const lines = (line + text).split(/[\r\n]+/);
    line = lines.pop()!.slice(-MAX_WORDS);
    for (const each of lines.filter((l) => l.trim() !== '')) onLine((said = each.trim()));
  });
  const stop = (): void => void child.stop();
  signal?.addEventListener('abort', stop, { once: true });
  const { status, stderr } = await child.exited;
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
  if (status === 0) return;
  const words = lastWords(stderr) ?? lastWords(`${said}\n${line}`);
  throw new LinnetError(
    'flash_failed',
    `${program} ended with status ${status}${words === undefined ? '' : `: ${words}`}`,
    program,
    'check that the board is attached and in the mode this program wants, then run it again',
  );
}

/** The last line that complains; some programs say more after it. */
function lastWords(text: string): string | undefined {
  const lines = text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const complaint =
    lines.findLast((line) => /\berror\b/i.test(line)) ??
    lines.findLast((line) => /fail|cannot|could ?n[o']t|no /i.test(line));
  return (complaint ?? lines.at(-1))?.slice(0, MAX_WORDS);
}

/** @returns its path */
async function expectInstalled({ program, package: from }: ToolWay): Promise<string> {
  const path = await findProgram(program);
  if (path !== undefined) return path;
  const remedy = from === undefined ? SOURCES[program] : `"sudo apt-get install ${from}"`;
  throw new LinnetError(
    'tool_missing',
    `${program} is not installed`,
    '--with',
    `install it (${remedy ?? `"sudo apt-get install ${program}"`})`,
  );
}
