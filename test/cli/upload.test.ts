/** `linnet upload`: to a board at a port, and to an emulated one that keeps what it is given. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { bootEmulated } from '../../src/boards/emulated-board.js';
import { flashEmulated } from '../../src/boards/emulated-flash.js';
import { startEmulator, type RunningEmulator } from '../../src/boards/emulator.js';
import { findBoard } from '../../src/boards/registry.js';
import upload from '../../src/cli/commands/upload.js';
import { Interrupted } from '../../src/cli/failure.js';
import { runProgram } from '../../src/cli/program.js';
import { LinnetError } from '../../src/errors.js';
import { openImage } from '../../src/image/read.js';
import { connect } from '../../src/link/board.js';
import { builtBoards } from '../boards/built-boards.js';
import { tinyModel } from '../boards/tiny-model.js';
import { ONE_LINE, runIn, type Run } from './fake-io.js';

jest.setTimeout(30_000);

const OLD = tinyModel(1);
const NEW = openImage(tinyModel(2), 'new');

let home: string;
let image: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'linnet-home-'));
  process.env['LINNET_HOME'] = home;
  image = join(home, 'new.linnet');
  writeFileSync(image, NEW.bytes);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const run = (...args: string[]): Promise<Run> => runIn([upload], ['upload', ...args]);

describe.each(builtBoards('host').map((spec) => [spec] as const))('a board at a port', (spec) => {
  let emulator: RunningEmulator;
  beforeEach(async () => {
    const flash = await flashEmulated(spec, OLD);
    emulator = await startEmulator(spec, flash.path);
    await flash.release();
  });
  afterEach(() => emulator.stop());

  test('runs the model, and one line says so and for how long', async () => {
    const { code, out, err } = await run(image, '--port', emulator.port);
    expect(err).toMatch(/^(uploading: \d+ %\n)*$/);
    expect(code).toBe(0);
    expect(out).toMatch(
      new RegExp(
        `^host \\(${emulator.port}\\) runs, until it is reset, tiny-2: [\\d,]+ of [\\d,]+ bytes sent in [\\d.]+ s\\n$`,
      ),
    );
    const board = await connect(emulator.port);
    expect(board.info.sha256).toBe(NEW.sha256);
    await board.close();
  });

  test('--json has all of it; a second time nothing is sent', async () => {
    const first = JSON.parse((await run(image, '--port', emulator.port, '--json')).out) as object;
    expect(first).toMatchObject({
      board: 'host',
      port: emulator.port,
      model: 'tiny-2',
      sha256: NEW.sha256,
      bytes: NEW.bytes.length,
      resumedAt: 0,
      keeps: 'until_reset',
    });
    const second = JSON.parse((await run(image, '--port', emulator.port, '--json')).out) as object;
    expect(second).toMatchObject({ sha256: NEW.sha256, resumedAt: NEW.bytes.length });
  });

  test('an image that is damaged never reaches it', async () => {
    const damaged = join(home, 'damaged.linnet');
    const bytes = NEW.bytes.slice();
    bytes[2000]! ^= 1;
    writeFileSync(damaged, bytes);
    const { code, out, err } = await run(damaged, '--port', emulator.port);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^linnet: image is damaged \(CRC-32 differs\)/);
    expect(err).toMatch(ONE_LINE);
    const board = await connect(emulator.port);
    expect(board.info.name).toBe('tiny-1');
    await board.close();
  });

  test('stopped, it says what the board has', async () => {
    const stop = new AbortController();
    let words = '';
    const err = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        words += chunk.toString();
        if (words.includes('uploading')) stop.abort(new Interrupted('SIGINT'));
        done();
      },
    });
    const out = new PassThrough();
    const world = { out, err, input: new PassThrough(), signal: stop.signal };
    expect(await runProgram([upload], ['upload', image, '--port', emulator.port], world)).toBe(130);
    expect(words).toMatch(/^the board has 0 of [\d,]+ bytes and keeps its old model; run this again to go on$/m);
    expect(words).toMatch(/^linnet: stopped \(SIGINT\)$/m);
    expect(out.read()).toBeNull();
  });

  test('goes on where another was stopped', async () => {
    const stop = new AbortController();
    const onProgress = (done: number, total: number): void => {
      if (done > total / 2) stop.abort(new Error('half'));
    };
    const board = await connect(emulator.port);
    await expect(board.upload(NEW.bytes, { signal: stop.signal, onProgress })).rejects.toThrow('half');
    await board.close();
    const { resumedAt } = JSON.parse((await run(image, '--port', emulator.port, '--json')).out) as {
      resumedAt: number;
    };
    expect(resumedAt).toBeGreaterThan(NEW.bytes.length / 2);
  });
});

test.each(builtBoards('host').map((spec) => [spec] as const))('a board that holds no model takes one', async (spec) => {
  const flash = await flashEmulated(spec, new Uint8Array(64));
  const emulator = await startEmulator(spec, flash.path);
  await flash.release();
  try {
    await expect(connect(emulator.port)).rejects.toMatchObject({ code: 'no_model' });
    expect((await run(image, '--port', emulator.port)).code).toBe(0);
    const board = await connect(emulator.port);
    expect(board.info.sha256).toBe(NEW.sha256);
    await board.close();
  } finally {
    await emulator.stop();
  }
});

describe.each(builtBoards('pico').map((spec) => [spec] as const))('an emulated board that keeps it', (spec) => {
  test('runs it the next time it is started', async () => {
    await (await bootEmulated(spec, OLD)).close();
    const { code, out } = await run(image, '--board', 'pico');
    expect(code).toBe(0);
    expect(out).toMatch(/^pico \([^)]+\) holds tiny-2: /);
    const board = await bootEmulated(spec);
    expect(board.info.sha256).toBe(NEW.sha256);
    await board.close();
  });

  test('ended in the middle of an upload it starts with its old model, and takes the upload again', async () => {
    const board = await bootEmulated(spec, OLD);
    const cut = board.upload(NEW.bytes, { onProgress: (done, total) => void (done > total / 2 && board.close()) });
    await expect(cut).rejects.toBeInstanceOf(LinnetError);
    const again = await bootEmulated(spec);
    try {
      expect(again.info.name).toBe('tiny-1');
      expect(await again.upload(NEW.bytes)).toMatchObject({ keeps: 'for_good', resumedAt: 0 });
      expect(again.info.name).toBe('tiny-2');
    } finally {
      await again.close();
    }
  });
});

describe('refusals, each one line', () => {
  test.each([
    [
      'a board that forgets at once',
      ['--board', 'host'],
      /^linnet: the emulated host would forget the model at once.*"\/model <image>" in "linnet chat"/,
    ],
    [
      'a board without room',
      ['--board', 'microbit'],
      /^linnet: board has no room for a second model.*"linnet flash microbit <image>"/,
    ],
    ['a board nobody knows', ['--board', 'toaster'], /^linnet: unknown board "toaster"/],
    ['board and port', ['--board', 'pico', '--port', '/dev/null'], /^linnet: --board and --port exclude each other/],
    ['a port that is none', ['--port', '/dev/ttyNONESUCH7'], /ttyNONESUCH7/],
  ])('%s', async (_what, args, words) => {
    const { code, out, err } = await run(image, ...args);
    expect(code).toBeGreaterThan(0);
    expect(out).toBe('');
    expect(err).toMatch(ONE_LINE);
    expect(err).toMatch(words);
  });

  test('a model the board has no room for, with the boards that have', async () => {
    const large = join(home, 'too-large.linnet');
    writeFileSync(large, tinyModel(2, findBoard('pico').image.bytes));
    const { code, err } = await run(large, '--board', 'pico');
    expect(code).toBe(1);
    expect(err).toMatch(
      /^linnet: the model takes \d+ bytes of flash and there are \d+: \d+ too many \(pico\): .*mps2-an386/,
    );
  });
});
