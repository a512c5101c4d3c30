/** Drives of boot loaders and probes: found by their files, written in order, and gone when they please. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import * as files from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import MemoryMap from 'nrf-intel-hex';
import { decodeBlock } from 'uf2';
import { findBoard, type BoardSpec } from '../../src/boards/registry.js';
import { flashToDrive } from '../../src/flash/drive/flash.js';
import { findDrive, type DriveWay } from '../../src/flash/drive/find-drive.js';
import { probeFailure, writeToDrive } from '../../src/flash/drive/write-drive.js';
import { flashBoard } from '../../src/flash/flash.js';
import { builtBoards } from '../boards/built-boards.js';
import { failure } from './failure.js';

jest.mock('node:fs/promises', () => ({ __esModule: true, ...jest.requireActual<object>('node:fs/promises') }));

const PICO: DriveWay = { way: 'uf2', family_id: '0xe48bff56', volume: 'RPI-RP2' };
const PROBE: DriveWay = { way: 'hex_drive', volume: 'MICROBIT', unique_ids: ['9900', '9901'] };
const board: BoardSpec = { ...findBoard('host'), name: 'pico', flashing: { steps: ['hold BOOTSEL'], ways: [PICO] } };

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'linnet-drive-'))));
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(root, { recursive: true, force: true });
});

/** A mounted drive with these files. */
function drive(name: string, content: Readonly<Record<string, string>>): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [file, text] of Object.entries(content)) writeFileSync(join(folder, file), text);
  return folder;
}

const RP2 = { 'INFO_UF2.TXT': 'UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n' };
const RP2350 = { 'INFO_UF2.TXT': 'UF2 Bootloader v1.0\nModel: Raspberry Pi RP2350\nBoard-ID: RP2350\n' };
const V1 = {
  'DETAILS.TXT': '# DAPLink Firmware\r\nUnique ID: 9900000031324e45002c800d0000003f\r\nInterface Version: 0249\r\n',
  'MICROBIT.HTM': '<html>',
};

test('a UF2 drive is found among others by its Board-ID', async () => {
  const mounts = [
    drive('USB STICK', { 'photo.jpg': '' }),
    drive('RP2350', RP2350),
    drive('RPI-RP2', RP2),
    join(root, 'gone'),
  ];
  expect(await findDrive(board, PICO, undefined, mounts)).toBe(mounts[2]);
  expect(await findDrive(board, PICO, mounts[2])).toBe(mounts[2]);
});

test('no drive, and two of them, are errors that say what to do', async () => {
  const none = await failure(findDrive(board, PICO, undefined, [drive('stick', {})]));
  expect(none).toMatchObject({ code: 'no_such_drive', remedy: expect.stringContaining('hold BOOTSEL') });
  const two = [drive('a', RP2), drive('b', RP2)];
  const error = await failure(findDrive(board, PICO, undefined, two));
  expect(error).toMatchObject({
    code: 'no_such_drive',
    where: two.join(', '),
    remedy: expect.stringContaining('--drive'),
  });
});

test('the system is searched for mounted drives where none is said', async () => {
  // No boot loader's drive has this name.
  const error = await failure(findDrive(board, { ...PICO, volume: 'no such volume' }, undefined));
  expect(error).toMatchObject({ code: 'no_such_drive' });
});

test.each<[string, Record<string, string>, DriveWay, string, RegExp]>([
  ['a folder that is no drive', { 'a.txt': '' }, PICO, 'no_such_drive', /no INFO_UF2\.TXT/],
  ['the drive of another UF2 board', RP2350, PICO, 'wrong_board', /another board \(Raspberry Pi RP2350, RP2350\)/],
  ['an INFO_UF2.TXT of junk', { 'INFO_UF2.TXT': '\0\u00ff'.repeat(9000) }, PICO, 'wrong_board', /another board/],
  ['a folder that is no probe', { 'a.txt': '' }, PROBE, 'no_such_drive', /no DETAILS\.TXT/],
  [
    'a micro:bit of the second version',
    { ...V1, 'DETAILS.TXT': 'Unique ID: 9904360258824e45003c800d\n' },
    PROBE,
    'wrong_board',
    /Unique ID 9904/,
  ],
  ['the probe of another board', { 'NUCLEO.HTM': '' }, PROBE, 'wrong_board', /not MICROBIT/],
])('%s is refused', async (_title, content, way, code, message) => {
  const error = await failure(findDrive(board, way, drive('x', content)));
  expect(error).toMatchObject({ code });
  expect(error.message).toMatch(message);
});

test('a probe is known by its Unique ID, else by the name of its drive or of its page', async () => {
  for (const [name, content, way] of [
    ['anything', V1, PROBE],
    ['microbit', { 'DETAILS.TXT': 'Version: 0234\n' }, PROBE],
    ['other', { 'MICROBIT.HTM': '' }, { ...PROBE, unique_ids: undefined }],
  ] as [string, Record<string, string>, DriveWay][]) {
    const folder = drive(name, content);
    expect(await findDrive(board, way, folder)).toBe(folder);
  }
});

const SEGMENTS = [
  { address: 0x1000_0000, bytes: new Uint8Array(50_000).fill(1) },
  { address: 0x1002_0000, bytes: new Uint8Array(90_000).fill(2) },
];

test('a UF2 drive gets one file, whole, with what starts the board at its end', async () => {
  const folder = drive('RPI-RP2', RP2);
  const seen: number[] = [];
  await flashToDrive(folder, PICO, SEGMENTS, { onProgress: (_step, done) => seen.push(done) });
  expect(readdirSync(folder).sort()).toEqual(['INFO_UF2.TXT', 'LINNET.UF2']);
  const file = readFileSync(join(folder, 'LINNET.UF2'));
  expect(decodeBlock(file.subarray(-16 * 512, -15 * 512))).toMatchObject({ flashAddress: 0x1000_0000 });
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen[0]).toBe(0);
  expect(seen.at(-1)).toBe(file.length);
  expect(seen.length).toBeGreaterThan(5);
});

test('a probe gets one .hex', async () => {
  const folder = drive('MICROBIT', V1);
  await flashToDrive(folder, PROBE, SEGMENTS);
  const map = MemoryMap.fromHex(readFileSync(join(folder, 'LINNET.HEX'), 'latin1'));
  expect([...map.join().keys()]).toEqual([0x1000_0000, 0x1002_0000]);
});

const BYTES = new Uint8Array(200_000).fill(7);

test('a drive that is pulled half-way is a board to be flashed again, and says so', async () => {
  const folder = drive('RPI-RP2', RP2);
  const pull = (_step: string, done: number): void => {
    if (done > 60_000) rmSync(folder, { recursive: true, force: true });
  };
  const error = await failure(writeToDrive(folder, 'A.UF2', BYTES, { onProgress: pull }));
  expect(error).toMatchObject({ code: 'flash_failed', where: folder });
  expect(error.message).toMatch(/went away after at most \d+ of 200000 bytes.*half flashed.*boot mode again/);
  const again = drive('RPI-RP2', RP2);
  await writeToDrive(again, 'A.UF2', BYTES);
  expect(readFileSync(join(again, 'A.UF2'))).toHaveLength(200_000);
});

/** A drive whose last answers are errors. No device here can do that, so the file's own calls do. */
function failAt(byte: number, code: string): void {
  const { open } = jest.requireActual<typeof files>('node:fs/promises');
  jest.spyOn(files, 'open').mockImplementation(async (...args) => {
    const file = await open(...args);
    const sync = file.sync.bind(file);
    Object.assign(file, {
      sync: async (): Promise<void> => {
        if ((await file.stat()).size < byte) return sync();
        throw Object.assign(new Error(code), { code });
      },
    } satisfies Partial<FileHandle>);
    return file;
  });
}

test.each(['EIO', 'ENODEV', 'ENXIO'])(
  'a drive that vanishes with the last byte has done its work (%s)',
  async (code) => {
    failAt(BYTES.length, code);
    await writeToDrive(drive('RPI-RP2', RP2), 'A.UF2', BYTES);
  },
);

test('the same error a little earlier is one', async () => {
  failAt(150_000, 'EIO');
  expect(await failure(writeToDrive(drive('RPI-RP2', RP2), 'A.UF2', BYTES))).toMatchObject({ code: 'flash_failed' });
});

test('a drive without room, or one that is not there, is told as what it is', async () => {
  const folder = drive('RPI-RP2', RP2);
  symlinkSync('/dev/full', join(folder, 'A.UF2'));
  expect((await failure(writeToDrive(folder, 'A.UF2', BYTES))).message).toMatch(/cannot write to the drive \(ENOSPC\)/);
  expect(await failure(writeToDrive(join(root, 'none'), 'A.UF2', BYTES))).toMatchObject({ code: 'file_unwritable' });
});

test('an abort stops between two pieces', async () => {
  const stop = new AbortController();
  const folder = drive('RPI-RP2', RP2);
  const onProgress = (_step: string, done: number): void => {
    if (done > 60_000) stop.abort(new Error('enough'));
  };
  await expect(writeToDrive(folder, 'A.UF2', BYTES, { onProgress, signal: stop.signal })).rejects.toThrow('enough');
  expect(readFileSync(join(folder, 'A.UF2')).length).toBeLessThan(BYTES.length);
  // The same drive takes the whole file afterwards.
  await writeToDrive(folder, 'A.UF2', BYTES);
  expect(readFileSync(join(folder, 'A.UF2'))).toHaveLength(BYTES.length);
});

test('a probe that refuses the file has the last word, when the board does not answer', async () => {
  if (builtBoards('microbit').length === 0) return;
  const folder = drive('MICROBIT', { ...V1, 'FAIL.TXT': 'error: The target could not be reached.\r\n' });
  const bytes = new Uint8Array(64);
  const microbit: BoardSpec = { ...findBoard('microbit'), flashing: { steps: [], ways: [PROBE] } };
  const target = { drive: folder, port: '/dev/ttyNONESUCH7' };
  const error = await failure(flashBoard(microbit, { bytes, sha256: '' }, target, { patienceMs: 0 }));
  expect(error).toMatchObject({ code: 'flash_failed', what: expect.stringMatching(/probe says: error: The target/) });
});

test("a probe's FAIL.TXT is its last word", async () => {
  expect(await probeFailure(drive('MICROBIT', V1))).toBeUndefined();
  const folder = drive('again', { 'FAIL.TXT': 'error: The hex file cannot be decoded.\r\ntype: user\r\n' });
  expect(await probeFailure(folder)).toBe('error: The hex file cannot be decoded. type: user');
});
