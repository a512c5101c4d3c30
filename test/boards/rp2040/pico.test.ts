/** The emulated Pico as a board: in its thread, flashed, reset, restarted, ended. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bootEmulated } from '../../../src/boards/emulated-board.js';
import { emulatedFlashPath, flashEmulated } from '../../../src/boards/emulated-flash.js';
import { findBoard, type BoardSpec } from '../../../src/boards/registry.js';
import { startMachine } from '../../../src/boards/start-machine.js';
import { load } from '../../../src/engine/load.js';
import { connectTransport, type Board } from '../../../src/link/board.js';
import type { TextModel } from '../../../src/model.js';
import { builtBoards } from '../built-boards.js';
import { tinyModel } from '../tiny-model.js';

const pico = findBoard('pico');
const built = builtBoards('pico').length > 0 ? describe : describe.skip;
const GENERATE = { maxTokens: 60, seed: 7, temperature: 0.8, topK: 40 };

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'linnet-pico-'));
  process.env['LINNET_HOME'] = home;
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function tokensOf(model: TextModel, prompt = 'once upon'): Promise<number[]> {
  const ids: number[] = [];
  for await (const { id } of model.generate(prompt, GENERATE)) ids.push(id);
  return ids;
}

async function failure(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  return promise.then(
    () => {
      throw new Error('expected a failure');
    },
    (error: Error) => error,
  );
}

/** Threads of this process. */
const threads = (): number => readdirSync('/proc/self/task').length;

built('an emulated Pico', () => {
  test('makes the tokens and the digest of the engines here', async () => {
    const image = tinyModel(3);
    const board = await bootEmulated(pico, image);
    const local = await load(image);
    expect(await tokensOf(board)).toEqual(await tokensOf(local));
    expect(await board.selfTest()).toBe(await local.selfTest());
    await local.close();
    await board.close();
  });

  test('counts cycles, the same for the same work', async () => {
    const cyclesOf = async (board: Board): Promise<number> => {
      await tokensOf(board);
      return board.lastGeneration!.ticks;
    };
    const board = await bootEmulated(pico, tinyModel(3));
    const [first, second] = [await cyclesOf(board), await cyclesOf(board)];
    await board.close();
    // A tick is a cycle, in steps of 125, at the start and the end of each token.
    expect(Math.abs(first - second)).toBeLessThan(125 * (GENERATE.maxTokens + 10));
    expect(first).toBeGreaterThan(1_000_000);
  });

  test('runs next time what was uploaded, also after a reset', async () => {
    const board = await bootEmulated(pico, tinyModel(3));
    const { keeps } = await board.upload(tinyModel(4));
    expect([keeps, board.info.name]).toEqual(['for_good', 'tiny-4']);
    await board.close();
    const again = await bootEmulated(pico);
    expect(again.info.name).toBe('tiny-4');
    await again.close();
    expect(readdirSync(dirname(emulatedFlashPath(pico)))).toEqual(['flash.bin']);
  });

  test('an upload to one does not touch another that was flashed from the same file', async () => {
    const [first, second] = [await bootEmulated(pico, tinyModel(3)), await bootEmulated(pico)];
    await first.upload(tinyModel(4));
    await second.upload(tinyModel(5));
    expect([first.info.name, second.info.name]).toEqual(['tiny-4', 'tiny-5']);
    await first.close();
    await second.close();
    const last = await bootEmulated(pico);
    expect(last.info.name).toBe('tiny-5');
    await last.close();
  });

  test('ended in the middle of an upload, it has the old model, and takes the upload', async () => {
    const board = await bootEmulated(pico, tinyModel(3));
    const stored = new Promise<number>((resolve) => {
      const onProgress = (done: number): void => void (done > 4096 && resolve(done));
      board.upload(tinyModel(4), { onProgress }).catch(() => undefined);
    });
    expect(await stored).toBeLessThan(tinyModel(4).length);
    await board.close();
    const again = await bootEmulated(pico);
    expect(again.info.name).toBe('tiny-3');
    await again.upload(tinyModel(4));
    expect(again.info.name).toBe('tiny-4');
    await again.close();
  });

  test('its line has one user at a time, and takes the next', async () => {
    const flash = await flashEmulated(pico, tinyModel(3));
    const machine = await startMachine(pico, flash.path);
    await flash.release();
    const first = await connectTransport(await machine.open());
    expect(await failure(machine.open())).toMatchObject({ code: 'port_busy' });
    await first.close();
    const second = await connectTransport(await machine.open());
    expect(second.info.name).toBe('tiny-3');
    await machine.stop();
    expect(await failure(second.ping())).toMatchObject({ code: 'closed' });
    expect((await machine.ended).code).toBe('closed');
  });

  test('flash without firmware is one error that says so, and ends the thread', async () => {
    const file = join(home, 'flash.bin');
    writeFileSync(file, new Uint8Array(1000));
    const error = await failure(startMachine(pico, file));
    expect(error).toMatchObject({ code: 'emulator_failed' });
    expect(error.message).toMatch(/no firmware in flash/);
    expect(await failure(startMachine(pico, join(home, 'none')))).toMatchObject({ code: 'emulator_failed' });
  });

  test('a disk that cannot keep its flash ends it, with the reason', async () => {
    const board = await bootEmulated(pico, tinyModel(3));
    rmSync(dirname(emulatedFlashPath(pico)), { recursive: true });
    const error = await failure(board.upload(tinyModel(4)));
    expect(error).toMatchObject({ code: 'emulator_failed' });
    expect(error.message).toMatch(/ENOENT/);
    await board.close();
  });

  test('closing it while it computes leaves no thread', async () => {
    if (process.platform !== 'linux') return;
    await (await bootEmulated(pico, tinyModel(3))).close(); // whatever is started once
    const before = threads();
    const board = await bootEmulated(pico, tinyModel(4));
    expect(threads()).toBeGreaterThan(before);
    const tokens = board.generate('once', { maxTokens: 1_000_000, seed: 1 });
    await tokens.next();
    await board.close();
    await failure(
      (async () => {
        for await (const token of tokens) void token;
      })(),
    );
    expect(threads()).toBeLessThanOrEqual(before);
  });
});

test('its facts agree with each other', () => {
  const { flash, image, ram } = pico;
  const upload = image.upload!;
  const end = flash.origin + flash.bytes;
  expect([upload.origin, upload.origin + image.bytes]).toEqual([image.origin + image.bytes, end]);
  expect(image.origin % 4096).toBe(0);
  const unbuilt: BoardSpec = { ...pico, name: 'unbuilt' };
  expect(ram.arena_bytes).toBeLessThan(ram.bytes);
  return expect(flashEmulated(unbuilt, tinyModel())).rejects.toMatchObject({ code: 'file_not_found' });
});
