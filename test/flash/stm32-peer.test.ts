/**
 * The whole way over a serial port: an independent client proves the simulated ROM, ours does the same with it, and
 * what was flashed boots. Killed at any block, the flasher leaves a board that can be flashed again.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { boardImage } from '../../src/boards/board-image.js';
import { firmwareBytes } from '../../src/boards/firmware-files.js';
import { load } from '../../src/engine/load.js';
import flash from '../../src/cli/commands/flash.js';
import { flatten, segmentsFor, type Segments } from '../../src/flash/segments.js';
import { Interrupted } from '../../src/cli/failure.js';
import { findProgram } from '../../src/boards/find-program.js';
import { connect } from '../../src/link/board.js';
import { builtBoards } from '../boards/built-boards.js';
import { tinyModel } from '../boards/tiny-model.js';
import { ONE_LINE, runIn } from '../cli/fake-io.js';
import { board, Chip } from './chip.js';
import { Pty } from './pty.js';
import type { RomOptions } from './stm32-rom.js';

jest.setTimeout(60_000);

const ROOT = join(__dirname, '..', '..');
const model = tinyModel(4);
let folder: string;
let image: string;
let parts: Segments;
let runs = builtBoards('netduinoplus2').length > 0;
const chips: Chip[] = [];

beforeAll(async () => {
  for (const program of ['socat', 'stm32flash'])
    if ((await findProgram(program)) === undefined) {
      console.warn(`SKIPPED: tests of the STM32 ROM boot loader, for ${program} is not installed`);
      runs = false;
    }
  if (!runs) return;
  folder = mkdtempSync(join(tmpdir(), 'linnet-stm32-'));
  image = join(folder, 'tiny.linnet');
  writeFileSync(image, model);
  parts = segmentsFor(board, await firmwareBytes(board), boardImage(board, model));
});
afterEach(async () => {
  for (const chip of chips.splice(0)) await chip.close();
});
afterAll(() => folder && rmSync(folder, { recursive: true, force: true }));

async function attach(options?: RomOptions): Promise<Chip> {
  const chip = await Chip.attach(options);
  chips.push(chip);
  return chip;
}

const linnet = (...args: string[]): ReturnType<typeof runIn> =>
  runIn([flash], ['flash', 'netduinoplus2', image, ...args]);

/** Firmware and model are in flash. The sectors between are not: the independent client clears them, ours lets them be. */
function holdsAll({ rom }: Chip): boolean {
  return parts.every(
    ({ address, bytes }) =>
      Buffer.compare(rom.flash.subarray(address - board.flash.origin).subarray(0, bytes.length), bytes) === 0,
  );
}

async function stm32flash(chip: Chip, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('stm32flash', ['-m', '8n1', '-b', '115200', ...args, chip.port]);
  return stdout;
}

test('stm32flash and Linnet write the same bytes into the same ROM', async () => {
  if (!runs) return;
  const file = join(folder, 'flash.bin');
  writeFileSync(file, flatten(parts));
  const peers = await attach();
  expect(await stm32flash(peers, '-v', '-w', file)).toMatch(/0x0413.*100\.00%.*Done/s);
  expect(holdsAll(peers)).toBe(true);

  const ours = await attach();
  expect(await linnet('--port', ours.port, '--no-hello')).toMatchObject({ code: 0 });
  expect(holdsAll(ours)).toBe(true);
  // And with the other's eyes.
  const read = join(folder, 'read.bin');
  await stm32flash(await attach({ flash: ours.rom.flash }), '-r', read, '-S', `0x08000000:${parts[0].bytes.length}`);
  expect(Buffer.compare(readFileSync(read), parts[0].bytes)).toBe(0);
});

test('flash writes, verifies, starts the board and prints what answers; then it generates what native does', async () => {
  if (!runs) return;
  const chip = await attach({ eraseMs: 300 });
  const { code, out, err } = await linnet('--port', chip.port);
  expect({ code, out }).toEqual({
    code: 0,
    out: expect.stringMatching(
      /^netduinoplus2 \(at \S+tty\) holds tiny-4: 16,192 bytes of flash, \d+ of 110,592 bytes of RAM\n$/,
    ),
  });
  expect(err).toMatch(/^(erasing: \d+ %\n)+(writing: \d+ %\n)+(verifying: \d+ %\n)+$/);
  expect(holdsAll(chip)).toBe(true);

  const connected = await connect(chip.port);
  const native = await load(model);
  const options = { maxTokens: 30, seed: 5 };
  const collect = async (tokens: AsyncIterable<{ text: string }>): Promise<string> => {
    let text = '';
    for await (const token of tokens) text += token.text;
    return text;
  };
  expect(await collect(connected.generate('hello', options))).toBe(await collect(native.generate('hello', options)));
  await connected.close();
  await native.close();
});

test('--json says what was flashed where and what answered', async () => {
  if (!runs) return;
  const chip = await attach();
  const { code, out } = await linnet('--port', chip.port, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    board: 'netduinoplus2',
    model: 'tiny-4',
    way: 'stm32_rom',
    to: chip.port,
    port: chip.port,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test('a protected chip is refused, and is flashed once stm32flash has lifted that, as the message says', async () => {
  if (!runs) return;
  const chip = await attach({ readProtected: true });
  const { code, out, err } = await linnet('--port', chip.port);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(ONE_LINE);
  expect(err).toMatch(/protected against reading.*"stm32flash -k \S+"/);
  await stm32flash(chip, '-k');
  expect(await linnet('--port', chip.port)).toMatchObject({ code: 0 });
});

test('a port with nothing on it is told how to get into boot mode', async () => {
  if (!runs) return;
  const pty = await Pty.open();
  const { code, err } = await linnet('--port', pty.path);
  await pty.close();
  expect(code).toBe(1);
  expect(err).toMatch(
    /^linnet: nothing answers there as the boot loader.*\(\S+tty\).*BOOT0 high.*linnet boards netduinoplus2/,
  );
});

test('a board that was flashed and does not answer is not called flashed and well', async () => {
  if (!runs) return;
  const chip = await attach();
  chip.boot = () => undefined; // BOOT0 still high, or the adapter on other pins
  const { code, out, err } = await linnet('--port', chip.port);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(/is flashed, but nothing answers there \(\S+tty\): .*PB6.*--no-hello/);
  expect(holdsAll(chip)).toBe(true);
});

test('the cable is pulled while it writes: one line that says so, and the board is flashed again', async () => {
  if (!runs) return;
  const chip = await attach();
  chip.rom.onWrite = (count) => {
    if (count === 40) void chip.close();
  };
  const { code, err } = await linnet('--port', chip.port);
  expect(code).toBe(1);
  expect(err.split('\n').at(-2) + '\n').toMatch(ONE_LINE);
  expect(err).toMatch(/half flashed and starts nothing/);
  chips.splice(0);
  const again = await attach({ flash: chip.rom.flash });
  expect(again.rom.startsSomething).toBe(false);
  expect(await linnet('--port', again.port)).toMatchObject({ code: 0 });
});

test('Ctrl-C says that the board is half flashed, and starts nothing', async () => {
  if (!runs) return;
  const chip = await attach();
  const stop = new AbortController();
  chip.rom.onWrite = (count) => count === 30 && stop.abort(new Interrupted('SIGINT'));
  const argv = ['flash', 'netduinoplus2', image, '--port', chip.port];
  const { code, out, err } = await runIn([flash], argv, { signal: stop.signal });
  expect({ code, out }).toEqual({ code: 130, out: '' });
  expect(err).toMatch(/netduinoplus2 is half flashed: bring it into its boot mode and run this again\nlinnet: stopped/);
  expect(chip.rom.startsSomething).toBe(false);
});

test('the flasher is killed at a block: the ROM is found again, in the middle of whatever it was told', async () => {
  if (!runs) return;
  const chip = await attach();
  const blocks = Math.ceil((parts[0].bytes.length + parts[1].bytes.length) / 256);
  for (const at of [1, Math.floor(Math.random() * (blocks / 2)) + 2]) {
    const killed = spawn(
      process.execPath,
      ['--import', 'tsx', join(ROOT, 'src/cli/main.ts'), 'flash', 'netduinoplus2', image, '--port', chip.port],
      { cwd: ROOT, stdio: 'ignore' },
    );
    const ended = new Promise((resolve) => killed.once('exit', (_code, signal) => resolve(signal)));
    const before = chip.rom.written.length;
    // Not between two messages but inside one: the byte after the block's answer.
    chip.rom.onWrite = (count) => {
      if (count !== before + at) return;
      let more = 20;
      chip.rom.onByte = (byte) => {
        if (--more === 0) killed.kill('SIGKILL');
        return more > 0 ? byte : undefined;
      };
    };
    expect(await ended).toBe('SIGKILL');
    expect(chip.rom.startsSomething).toBe(false);
    chip.rom.onByte = (byte) => byte;
    chip.rom.onWrite = () => undefined;
  }
  expect(await linnet('--port', chip.port)).toMatchObject({ code: 0, out: expect.stringContaining('holds tiny-4') });
  expect(holdsAll(chip)).toBe(true);
});
