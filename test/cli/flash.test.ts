/** `linnet flash`: what it writes, prints and refuses. The ways to real boards are in test/flash/. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import MemoryMap from 'nrf-intel-hex';
import { boardImage } from '../../src/boards/board-image.js';
import { flashImage } from '../../src/boards/flash-image.js';
import { firmwareBytes } from '../../src/boards/firmware-files.js';
import { findBoard } from '../../src/boards/registry.js';
import flash from '../../src/cli/commands/flash.js';
import { builtBoards } from '../boards/built-boards.js';
import { tinyModel } from '../boards/tiny-model.js';
import { ONE_LINE, runIn, type Run } from './fake-io.js';

const board = findBoard('netduinoplus2');
const model = tinyModel(3);
const runs = builtBoards('netduinoplus2').length > 0;
let folder: string;
let image: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'linnet-flash-'));
  process.env['LINNET_HOME'] = join(folder, 'home');
  image = join(folder, 'tiny.linnet');
  writeFileSync(image, model);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const linnet = (...args: string[]): Promise<Run> => runIn([flash], ['flash', ...args]);

test('-o writes firmware and model as .bin and .hex, for whoever flashes them', async () => {
  if (!runs) return;
  const wanted = flashImage(board, await firmwareBytes(board), boardImage(board, model));
  const bin = join(folder, 'out.bin');
  const run = await linnet('netduinoplus2', image, '-o', bin);
  expect(run).toEqual({
    code: 0,
    out: `${bin}: firmware and model for netduinoplus2, ${wanted.length.toLocaleString('en')} bytes\n`,
    err: '',
  });
  expect(Buffer.compare(readFileSync(bin), wanted)).toBe(0);

  const hex = join(folder, 'out.hex');
  const { out } = await linnet('netduinoplus2', image, '-o', hex, '--json');
  expect(JSON.parse(out)).toEqual({
    board: 'netduinoplus2',
    file: hex,
    format: 'hex',
    bytes: readFileSync(hex).length,
  });
  const map = MemoryMap.fromHex(readFileSync(hex, 'latin1'));
  expect(Buffer.compare(map.slicePad(board.flash.origin, wanted.length), wanted)).toBe(0);
});

test.each<[string, string[], number, RegExp]>([
  ['a file of no known format', ['-o', '@out.elf'], 2, /the name says no format.*\.uf2, \.hex or \.bin/],
  ['UF2 for a board that takes none', ['-o', '@out.uf2'], 2, /takes no UF2/],
  ['a folder that is not there', ['-o', '@none/out.bin'], 1, /folder does not exist/],
  ['a port that is not there', ['--port', '/dev/ttyNONESUCH7'], 1, /no such port/],
  ['a drive for a board that has none', ['--drive', '@'], 2, /say --port PATH or --with dfu-util/],
  ['a program the board does not know', ['--with', 'hammer'], 2, /say --port PATH or --with dfu-util/],
])('%s is one line of error, and nothing is written', async (_title, args, code, message) => {
  if (!runs) return;
  const run = await linnet('netduinoplus2', image, ...args.map((arg) => arg.replace('@', `${folder}/`)));
  expect(run).toMatchObject({ code, out: '' });
  expect(run.err).toMatch(ONE_LINE);
  expect(run.err).toMatch(message);
  expect(readdirSync(folder)).toEqual(['tiny.linnet']);
});

test.each([['host'], ['mps2-an386']])('%s has no real counterpart to flash, and says so', async (name) => {
  const { code, err } = await linnet(name, image, '--port', '/dev/ttyNONESUCH7');
  expect(code).toBe(2);
  expect(err).toMatch(ONE_LINE);
  expect(err).toMatch(/no way to flash a real/);
});

test('a model whose board keeps it in a memory that forgets is not written to a file', async () => {
  if (builtBoards('mps2-an386').length === 0) return;
  const { code, err } = await linnet('mps2-an386', image, '-o', join(folder, 'out.bin'));
  expect(code).toBe(2);
  expect(err).toMatch(/PSRAM.*flash the emulated mps2-an386/);
});

test('a folder that is no drive of the board is refused before anything is written there', async () => {
  if (builtBoards('microbit').length === 0) return;
  const drive = join(folder, 'stick');
  mkdirSync(drive);
  writeFileSync(join(drive, 'holiday.jpg'), '');
  const { code, err } = await linnet('microbit', image, '--drive', drive);
  expect(code).toBe(1);
  expect(err).toMatch(/no drive of a debug probe/);
  expect(readdirSync(drive)).toEqual(['holiday.jpg']);
});

test('a drive gets the .hex of a micro:bit; the board is not asked with --no-hello', async () => {
  if (builtBoards('microbit').length === 0) return;
  const drive = join(folder, 'MICROBIT');
  mkdirSync(drive);
  writeFileSync(join(drive, 'DETAILS.TXT'), 'Unique ID: 9900000031324e45\r\n');
  const { code, out } = await linnet('microbit', image, '--drive', drive, '--no-hello');
  expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/bytes flashed to microbit \(\S+MICROBIT\)/) });
  const map = MemoryMap.fromHex(readFileSync(join(drive, 'LINNET.HEX'), 'latin1'));
  const microbit = findBoard('microbit');
  const held = map.slicePad(microbit.image.origin, model.length);
  expect(Buffer.compare(held, boardImage(microbit, model))).toBe(0);
});
