/** Drives that boot loaders and debug probes show, among what is mounted. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { BoardSpec, FlashWay } from '../../boards/registry.js';
import { LinnetError } from '../../errors.js';

export type DriveWay = Extract<FlashWay, { way: 'uf2' | 'hex_drive' }>;

/** Longer ones are not what they are called. */
const MAX_INFO_CHARACTERS = 4096;

/**
 * The drive of a board.
 * @param folder where it is mounted; found by its files, if it is not said
 * @param mounts mount points to look at, by default the system's
 * @throws LinnetError no_such_drive, wrong_board
 */
export async function findDrive(
  board: BoardSpec,
  way: DriveWay,
  folder: string | undefined,
  mounts?: readonly string[],
): Promise<string> {
  if (folder !== undefined) {
    const refusal = await whyNot(folder, way);
    if (refusal === undefined) return folder;
    throw new LinnetError(refusal.code, refusal.what, folder, howTo(board));
  }
  const drives: string[] = [];
  for (const mount of mounts ?? (await mountPoints())) if ((await whyNot(mount, way)) === undefined) drives.push(mount);
  if (drives.length === 1) return drives[0]!;
  throw new LinnetError(
    'no_such_drive',
    drives.length === 0
      ? `no drive of a ${board.name} (${way.volume}) is there`
      : `there are ${drives.length} such drives`,
    drives.length === 0 ? '--drive' : drives.join(', '),
    drives.length === 0 ? howTo(board) : 'say which with --drive',
  );
}

function howTo(board: BoardSpec): string {
  return `${board.flashing!.steps[0] ?? 'plug the board in'}; if its drive is not mounted by itself, mount it and give --drive its folder`;
}

interface Refusal {
  readonly code: 'no_such_drive' | 'wrong_board';
  readonly what: string;
}

async function whyNot(folder: string, way: DriveWay): Promise<Refusal | undefined> {
  return way.way === 'uf2' ? whyNotUf2(folder, way) : whyNotProbe(folder, way);
}

/** INFO_UF2.TXT: a line of the boot loader's version, then "Model: …" and "Board-ID: …". */
async function whyNotUf2(folder: string, { volume }: DriveWay): Promise<Refusal | undefined> {
  const info = await textOf(folder, 'INFO_UF2.TXT');
  if (info === undefined)
    return { code: 'no_such_drive', what: 'this is no drive of a UF2 boot loader (no INFO_UF2.TXT)' };
  const ids = ['Model', 'Board-ID'].flatMap((key) => field(info, key) ?? []);
  if (ids.some((id) => id.toUpperCase() === volume.toUpperCase())) return undefined;
  return { code: 'wrong_board', what: `the boot loader there is of another board (${ids.join(', ')})` };
}

/**
 * The drive is named after the board, or has a page that is. DAPLink's DETAILS.TXT has a line "Unique ID: …", which
 * begins with the number of the board.
 */
async function whyNotProbe(
  folder: string,
  { volume, unique_ids: known }: Extract<DriveWay, { way: 'hex_drive' }>,
): Promise<Refusal | undefined> {
  const names = (await readdir(folder).catch(() => [])).map((name) => name.toUpperCase());
  if (!names.some((name) => name === 'DETAILS.TXT' || /\.HTML?$/.test(name)))
    return { code: 'no_such_drive', what: 'this is no drive of a debug probe (no DETAILS.TXT, no page)' };
  const id = field((await textOf(folder, 'DETAILS.TXT')) ?? '', 'Unique ID');
  if (id !== undefined && known)
    return known.some((start) => id.startsWith(start))
      ? undefined
      : { code: 'wrong_board', what: `the drive is of another board (Unique ID ${id.slice(0, 4)}…)` };
  const isNamed = [basename(folder).toUpperCase(), ...names.map((name) => name.replace(/\.HTML?$/, ''))];
  return isNamed.includes(volume.toUpperCase())
    ? undefined
    : { code: 'wrong_board', what: `the drive is of another board (not ${volume})` };
}

function field(text: string, key: string): string | undefined {
  return new RegExp(`^${key}:[ \t]*([^\r\n]+?)[ \t]*$`, 'm').exec(text.replaceAll('\r', ''))?.[1];
}

/** Names on FAT are in capitals, on Linux whatever the mount makes of them. */
async function textOf(folder: string, name: string): Promise<string | undefined> {
  try {
    const entry = (await readdir(folder)).find((file) => file.toUpperCase() === name.toUpperCase());
    return entry && (await readFile(join(folder, entry), 'latin1')).slice(0, MAX_INFO_CHARACTERS);
  } catch {
    return undefined; // not there, not readable, or gone meanwhile: not the drive we look for
  }
}

/** Where the system has something mounted that may be a drive of this kind: all of them are FAT. */
async function mountPoints(): Promise<string[]> {
  const mounts = await readFile('/proc/mounts', 'utf8').catch(() => '');
  const fat = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'vfat' || type === 'msdos')
    .map(([, path]) => unescapeMount(path!));
  const usual = await Promise.all(['/Volumes', '/media', '/run/media'].map(foldersIn));
  const below = await Promise.all(usual.slice(1).flat().map(foldersIn));
  return [...new Set([...fat, ...usual.flat(), ...below.flat()])];
}

/** /proc/mounts writes a space as \040. */
function unescapeMount(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
}
