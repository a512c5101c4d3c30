/** A Pico flashed through its drive: what arrives there boots, and half of it never does. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBoard } from '../../src/boards/registry.js';
import { flashBoard, type Flashed } from '../../src/flash/flash.js';
import { findProgram } from '../../src/boards/find-program.js';
import { builtBoards } from '../boards/built-boards.js';
import { tinyModel } from '../boards/tiny-model.js';
import { failure } from './failure.js';
import { Pico } from './pico.js';

jest.setTimeout(60_000);

const ROOT = join(__dirname, '..', '..');
const board = findBoard('pico');
const imageOf = (bytes: Uint8Array) => ({ bytes, sha256: createHash('sha256').update(bytes).digest('hex') });
const image = imageOf(tinyModel(4));
/** Its writing takes long enough to be interrupted. */
const LARGE = tinyModel(5, 900_000);
let runs = builtBoards('pico').length > 0;
let pico: Pico;
let home: string;

beforeAll(async () => {
  if ((await findProgram('socat')) !== undefined) return;
  console.warn('SKIPPED: tests of the drive of a Pico, for socat is not installed');
  runs = false;
});
beforeEach(async () => {
  if (!runs) return;
  home = mkdtempSync(join(tmpdir(), 'linnet-home-'));
  process.env['LINNET_HOME'] = home;
  pico = await Pico.plugIn();
});
afterEach(async () => {
  if (!runs) return;
  await pico.close();
  rmSync(home, { recursive: true, force: true });
});

const flash = (model = image): Promise<Flashed> => flashBoard(board, model, { drive: pico.drive, port: pico.port });

test('one UF2 brings firmware and model; the drive goes away, the board boots and answers', async () => {
  if (!runs) return;
  const { way, to, answer } = await flash();
  expect({ way, to }).toEqual({ way: 'uf2', to: pico.drive });
  expect(existsSync(pico.drive)).toBe(false);
  expect(answer).toMatchObject({ port: pico.port, facts: { board: 'pico', model: { sha256: image.sha256 } } });
});

test.each([17, 150])(
  'the cable is pulled after %i blocks: nothing is left that boots, and it is flashed again',
  async (at) => {
    if (!runs) return;
    pico.pullAt = at;
    const error = await failure(flash(imageOf(LARGE)));
    expect(error).toMatchObject({ code: 'flash_failed' });
    expect(error.message).toMatch(/half flashed.*boot mode again/);
    expect((await failure(pico.boot())).message).toMatch(/no firmware in flash/);
    await pico.close();
    pico = await Pico.plugIn();
    expect((await flash()).answer).toBeDefined();
  },
);

test('the flasher is killed while it writes: nothing is left that boots, and it is flashed again', async () => {
  if (!runs) return;
  const large = join(home, 'large.linnet');
  writeFileSync(large, LARGE);
  const args = ['src/cli/main.ts', 'flash', 'pico', large, '--drive', pico.drive, '--no-hello'];
  const killed = spawn(process.execPath, ['--import', 'tsx', ...args], { cwd: ROOT, stdio: 'ignore' });
  const ended = new Promise((resolve) => killed.once('exit', (_code, signal) => resolve(signal)));
  pico.onTake = (count) => count > 0 && killed.kill('SIGKILL');
  expect(await ended).toBe('SIGKILL');
  expect(existsSync(pico.drive)).toBe(true); // it waits for the rest
  expect((await failure(pico.boot())).message).toMatch(/no firmware in flash/);
  await pico.close();
  pico = await Pico.plugIn();
  expect((await flash()).answer).toBeDefined();
});
