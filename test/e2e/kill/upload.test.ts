/** Uploading, when the program, the board or the cable goes at any moment: the old model or the new one, whole. */
import { isModel } from '../../../src/boards/board-image.js';
import { join } from 'node:path';
import { bootEmulated } from '../../../src/boards/emulated-board.js';
import { findBoard } from '../../../src/boards/registry.js';
import { builtBoards } from '../../boards/built-boards.js';
import { HostBoard } from '../../boards/host-board.js';
import { Bench } from '../../boards/suite/bench.js';
import { useOwnHome } from '../../boards/suite/own-home.js';
import { linnet, ONE_LINE } from '../child.js';
import { after, durationOf, kill, isLockedBy, moments, startLinnet, strayFiles } from './killing.js';
import { idsOf, testModel, type TestModel } from './models.js';

jest.setTimeout(180_000); // a dozen programs, one after another, on a machine that may be busy

const KILLS = 3;
const home = useOwnHome();
let old: TestModel;
/** Of different sizes: the larger takes a while. */
let small: TestModel;
let large: TestModel;
beforeAll(async () => {
  old = await testModel(home(), 3);
  small = await testModel(home(), 4);
  large = await testModel(home(), 4, 4_000_000);
});

const onHost = builtBoards('host').length > 0 ? describe : describe.skip;
const onPico = builtBoards('pico').length > 0 ? describe : describe.skip;

onHost('to a board at a port', () => {
  test('the program is killed: the board has the old model and goes on where it was, or has the new one', async () => {
    const bench = await Bench.start(findBoard('host'), old.image.bytes);
    try {
      const duration = await durationOf('upload', large.path, '--port', bench.port!);
      for (const moment of moments(KILLS, duration, 8)) {
        expect((await linnet(['upload', old.path, '--port', bench.port!])).code).toBe(0);
        const run = startLinnet('upload', large.path, '--port', bench.port!);
        await after(moment);
        await kill(run);
        await bench.connected(async (board) => {
          const holds = [old, large].find(({ image }) => isModel(board.info.sha256, image.bytes));
          expect(await idsOf(board)).toEqual(holds!.ids);
        });
        expect((await linnet(['upload', large.path, '--port', bench.port!])).code).toBe(0);
        await bench.connected(async (board) => {
          expect(isModel(board.info.sha256, large.image.bytes)).toBe(true);
          expect(await idsOf(board)).toEqual(large.ids);
        });
        expect(isLockedBy(run, bench.port!)).toBe(false);
      }
    } finally {
      await bench.stop();
    }
  });

  test('the cable is pulled: one line; plugged in again, the board has its old model and takes the new one', async () => {
    const port = join(home(), 'port');
    const board = new HostBoard(port, old.path);
    await board.plugIn();
    const duration = await durationOf('upload', large.path, '--port', port);
    await board.unplug();
    for (const moment of moments(3, 0.8 * duration, 9)) {
      await board.plugIn();
      const run = startLinnet('upload', large.path, '--port', port);
      await after(moment);
      await board.unplug();
      const { code, err } = await run.ended;
      if (code !== 0) expect(err.split('\n').filter(Boolean).at(-1) + '\n').toMatch(ONE_LINE);
      expect(isLockedBy(run, board.device)).toBe(false);
    }
    await board.plugIn();
    expect((await linnet(['upload', large.path, '--port', port])).code).toBe(0);
    await board.unplug();
  });
});

onPico('to a board that keeps it for good', () => {
  test('program and board lose their power: it boots with the old model or the new one, and takes uploads', async () => {
    const pico = findBoard('pico');
    expect((await linnet(['flash', 'pico', old.path])).code).toBe(0);
    const duration = await durationOf('upload', small.path, '--board', 'pico');
    for (const moment of moments(2, duration, 10)) {
      expect((await linnet(['flash', 'pico', old.path])).code).toBe(0);
      const run = startLinnet('upload', small.path, '--board', 'pico');
      await after(moment);
      await kill(run);
      const board = await bootEmulated(pico);
      const holds = [old, small].find(({ image }) => isModel(board.info.sha256, image.bytes));
      expect(await idsOf(board)).toEqual(holds!.ids);
      await board.close();
    }
    expect((await linnet(['upload', small.path, '--board', 'pico'])).code).toBe(0);
    const board = await bootEmulated(pico);
    expect(isModel(board.info.sha256, small.image.bytes)).toBe(true);
    expect(await idsOf(board)).toEqual(small.ids);
    await board.close();
    expect((await linnet(['flash', 'pico', old.path])).code).toBe(0);
    expect(strayFiles(home(), 'pico')).toEqual([]);
  });
});
