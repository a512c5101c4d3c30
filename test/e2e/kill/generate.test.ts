/** Generating, when the program, the board or the cable goes at any moment: one clear error, and the next one works. */
import { join } from 'node:path';
import { processesOf } from '../../soak/resources.js';
import { findBoard } from '../../../src/boards/registry.js';
import { builtBoards } from '../../boards/built-boards.js';
import { HostBoard } from '../../boards/host-board.js';
import { failure } from '../../boards/suite/answers.js';
import { Bench } from '../../boards/suite/bench.js';
import { useOwnHome } from '../../boards/suite/own-home.js';
import { random } from '../../link/memory-transport.js';
import { ONE_LINE, type Running } from '../child.js';
import { after, durationOf, kill, isLockedBy, moments, nothingLeftOf, startLinnet, strayFiles } from './killing.js';
import { generatedIds, idsOf, testModel, type TestModel } from './models.js';

jest.setTimeout(180_000); // a dozen programs, one after another, on a machine that may be busy

const KILLS = 3;
const home = useOwnHome();
let model: TestModel;
beforeAll(async () => {
  model = await testModel(home(), 3);
});

const generating = (...target: string[]): Running =>
  startLinnet('generate', model.path, '--prompt', 'once', '--tokens', '1000000', '--json', ...target);

/** It streams, and has done so for a moment drawn with the seed. */
async function streams(run: Running, seed: number): Promise<void> {
  await run.sees('"type":"token"');
  await after(200 * random(seed)());
}

describe.each(builtBoards('host', 'netduinoplus2', 'pico').map(({ name }) => name))('on an emulated %s', (name) => {
  test('the program is killed while it starts, and while it streams', async () => {
    const duration = await durationOf('flash', name, model.path);
    for (const moment of moments(KILLS, duration, 6)) {
      const run = generating('--board', name);
      await after(moment);
      await kill(run);
    }
    const run = generating('--board', name);
    await streams(run, 1);
    await kill(run);
    expect(await generatedIds(model, '--board', name)).toEqual(model.ids);
    expect(strayFiles(home(), name)).toEqual([]);
  });
});

test.each(builtBoards('host', 'netduinoplus2').map(({ name }) => name))(
  'the emulator of %s is killed while tokens stream: one line, and no process is left',
  async (name) => {
    const run = generating('--board', name);
    await streams(run, 2);
    const others = run.descendants().filter((pid) => pid !== run.child.pid);
    expect(others.length).toBeGreaterThan(0);
    for (const pid of others) process.kill(pid, 'SIGKILL');
    const { code, err } = await run.ended;
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(ONE_LINE) as string });
    await nothingLeftOf(run);
    expect(await generatedIds(model, '--board', name)).toEqual(model.ids);
    expect(strayFiles(home(), name)).toEqual([]);
  },
);

describe.each(builtBoards('host', 'netduinoplus2').map((spec) => [spec.name, spec] as const))(
  'on a %s that stays on',
  (name, spec) => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await Bench.start(spec, model.image.bytes);
    });
    afterAll(() => bench.stop());

    test.each([1, 2, 3])(
      'the program is killed while tokens stream, seed %i: the next one has the port',
      async (seed) => {
        const run = generating('--port', bench.port!);
        await streams(run, seed);
        await kill(run);
        expect(await generatedIds(model, '--port', bench.port!)).toEqual(model.ids);
        expect(isLockedBy(run, bench.port!)).toBe(false);
      },
    );

    test('the board is frozen for a moment and goes on; one that stays frozen is given up', async () => {
      await bench.connected(async (board) => {
        bench.signal('SIGSTOP');
        setTimeout(() => bench.signal('SIGCONT'), 400);
        expect(await idsOf(board)).toEqual(model.ids);
      });
      await bench.connected(
        async (board) => {
          try {
            bench.signal('SIGSTOP');
            expect(await failure(idsOf(board))).toMatchObject({ code: 'no_answer', where: bench.port });
          } finally {
            bench.signal('SIGCONT');
          }
        },
        { timing: { giveUp: 1000 } },
      );
      expect(await bench.connected(idsOf)).toEqual(model.ids);
      expect(name).toBe(spec.name);
    });
  },
);

(builtBoards('host').length > 0 ? describe : describe.skip)('on a board at a cable', () => {
  test.each([1, 2, 3])(
    'it is pulled while tokens stream, seed %i: one line, and plugged in again it works',
    async (seed) => {
      const port = join(home(), `port-${seed}`);
      const board = new HostBoard(port, model.path);
      await board.plugIn();
      const run = generating('--port', port);
      try {
        await streams(run, seed);
      } finally {
        await board.unplug();
      }
      const { code, err } = await run.ended;
      expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(ONE_LINE) as string });
      expect(isLockedBy(run, board.device)).toBe(false);
      await board.plugIn();
      try {
        expect(await generatedIds(model, '--port', port)).toEqual(model.ids);
      } finally {
        await board.unplug();
      }
    },
  );
});

test('a board that is turned off has no process left', async () => {
  for (const spec of builtBoards('host', 'netduinoplus2')) {
    const bench = await Bench.start(findBoard(spec.name), model.image.bytes);
    expect(processesOf(bench.pid!).length).toBeGreaterThan(0);
    await bench.stop();
    expect(processesOf(bench.pid!)).toEqual([]);
  }
});
