/** The whole link against real firmware over real serial ports: every board that can be emulated. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boardImage, sha256Of } from '../../src/boards/board-image.js';
import { flashEmulated, type FlashFile } from '../../src/boards/emulated-flash.js';
import { startEmulator, type RunningEmulator } from '../../src/boards/emulator.js';
import { LinnetError } from '../../src/errors.js';
import { openImage } from '../../src/image/read.js';
import { connect, connectTransport, type Board } from '../../src/link/board.js';
import { encodeFrame, FrameDecoder } from '../../src/link/frame.js';
import { openSerialPort } from '../../src/link/serial-port.js';
import { FRAME_FLAG, MessageHeader, MessageType } from '../../src/schema/link.js';
import { ptyBoards } from '../boards/built-boards.js';
import { tinyModel } from '../boards/tiny-model.js';
import { NoisyTransport } from './memory-transport.js';

jest.setTimeout(60_000);

const boards = ptyBoards();
const image = openImage(tinyModel(3), 'tiny');
const REQUEST = { maxTokens: 300, seed: 7, temperature: 0.8, topK: 40 };
const IDS = Array.from({ length: 700 }, (_, i) => 97 + ((i * 7) % 26));

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'linnet-home-'));
  process.env['LINNET_HOME'] = home;
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function collect(
  board: Board,
  options: object = REQUEST,
  prompt = 'once upon',
): Promise<{ text: string; ids: number[] }> {
  let text = '';
  const ids: number[] = [];
  for await (const token of board.generate(prompt, options)) {
    text += token.text;
    ids.push(token.id);
  }
  return { text, ids };
}

async function failure(promise: Promise<unknown>): Promise<LinnetError> {
  return promise.then(
    () => {
      throw new Error('expected a failure');
    },
    (error: LinnetError) => error,
  );
}

function isAlive(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}

const results: { board: string; ids: number[]; digest: string; nll: number; ticks: number }[] = [];

describe.each(boards.map((spec) => [spec.name, spec] as const))('%s', (_name, spec) => {
  let flash: FlashFile;
  let emulator: RunningEmulator;
  beforeAll(async () => {
    flash = await flashEmulated(spec, image.bytes);
    emulator = await startEmulator(spec, flash.path);
  });
  afterAll(async () => {
    await emulator.stop();
    await flash.release();
  });

  async function connected<T>(work: (board: Board) => Promise<T>): Promise<T> {
    const board = await connect(emulator.port);
    try {
      return await work(board);
    } finally {
      await board.close();
    }
  }

  test('says who it is and which model it holds', () =>
    connected(async (board) => {
      expect(board.facts.board).toBe(spec.name);
      expect(board.info).toMatchObject({
        name: 'tiny-3',
        kind: 'language_model',
        vocabSize: 257,
        sha256: sha256Of(boardImage(spec, image.bytes)),
      });
      expect(board.facts.ramTotal).toBe(spec.ram.arena_bytes);
      expect(board.info.ramBytes).toBeGreaterThanOrEqual(image.header.state_bytes + image.header.scratch_bytes);
      expect(await board.ping()).toBeLessThan(5000);
    }));

  test('generates the same text each time, and counts it', () =>
    connected(async (board) => {
      const before = await board.stats();
      const first = await collect(board);
      expect(first.ids).toHaveLength(300);
      expect(await collect(board)).toEqual(first);
      expect(await collect(board, { ...REQUEST, seed: 8 })).not.toEqual(first);
      const after = await board.stats();
      expect(after.tokens - before.tokens).toBe(900);
      expect(board.lastGeneration).toMatchObject({ tokens: 300, promptTokens: 'once upon'.length + 1 });
      const { ticks } = board.lastGeneration!;
      const { negativeLogLikelihood: nll } = await board.scoreTokens(IDS);
      results.push({ board: spec.name, ids: first.ids, digest: await board.selfTest(), nll, ticks });
    }));

  test('goes on from its state: two halves make the whole', () =>
    connected(async (board) => {
      const greedy = { temperature: 0 };
      const whole = await collect(board, { ...greedy, maxTokens: 40 });
      const half = await collect(board, { ...greedy, maxTokens: 20 });
      const rest = await collect(board, { ...greedy, maxTokens: 20, keepState: true }, '');
      expect([...half.ids, ...rest.ids]).toEqual(whole.ids);
    }));

  test.each([11, 12, 13])(
    '300 tokens are right while 1 %% of all bytes are damaged both ways, seed %i',
    async (seed) => {
      const expected = await connected((board) => collect(board));
      const noisy = new NoisyTransport(await openSerialPort(emulator.port), 0.01, seed);
      const board = await connectTransport(noisy);
      try {
        expect(await collect(board)).toEqual(expected);
        expect(noisy.damaged).toBeGreaterThan(30);
        expect(board.line.repetitions).toBeGreaterThan(0);
      } finally {
        await board.close();
      }
    },
  );

  test('scoring and self-test are right on a damaged line too', async () => {
    const expected = await connected(async (board) => [await board.scoreTokens(IDS), await board.selfTest()]);
    const board = await connectTransport(new NoisyTransport(await openSerialPort(emulator.port), 0.001, 5));
    try {
      expect([await board.scoreTokens(IDS), await board.selfTest()]).toEqual(expected);
    } finally {
      await board.close();
    }
  });

  test('aborting frees the board at once, and so does leaving the loop', () =>
    connected(async (board) => {
      const stop = new AbortController();
      const run = (async () => {
        let count = 0;
        for await (const token of board.generate('a', { maxTokens: 1_000_000, seed: 1, signal: stop.signal })) {
          void token;
          if (++count === 50) stop.abort(new Error('enough'));
        }
      })();
      await expect(run).rejects.toThrow('enough');
      for await (const token of board.generate('a', { maxTokens: 1_000_000, seed: 1 })) if (token) break;
      const start = performance.now();
      expect((await collect(board, { ...REQUEST, maxTokens: 5 })).ids).toHaveLength(5);
      expect(performance.now() - start).toBeLessThan(5000);
    }));

  test('a host that vanished while tokens streamed does not keep the next one out', async () => {
    const gone = await connect(emulator.port);
    const tokens = gone.generate('a', { maxTokens: 1_000_000, seed: 1 });
    await tokens.next();
    await gone.close();
    expect((await connected((board) => collect(board))).ids).toHaveLength(300);
  });

  test('refuses in words what it cannot do', () =>
    connected(async (board) => {
      expect(await failure(board.classify('a film'))).toMatchObject({ code: 'wrong_kind' });
      expect(await failure(collect(board, { ...REQUEST, topK: 129 }))).toMatchObject({ code: 'bad_parameter' });
      expect(await failure(collect(board, REQUEST, 'x'.repeat(2000)))).toMatchObject({ code: 'input_too_long' });
    }));

  test('takes what comes while it computes: a message with every byte escaped, and one behind it', async () => {
    const before = await connected((board) => board.stats());
    const port = await openSerialPort(emulator.port);
    const message = (type: number, request: number, payload: Uint8Array): Uint8Array =>
      Buffer.concat([MessageHeader.encode({ type, reserved: 0, request }), payload]);
    const room = spec.uart.message_bytes - MessageHeader.size;
    const pings = [new Uint8Array(room).fill(FRAME_FLAG), Uint8Array.from({ length: room }, (_, i) => i)];
    const messages = [
      message(MessageType.self_test, 1, new Uint8Array()),
      ...pings.map((payload, i) => message(MessageType.ping, i + 2, payload)),
    ];
    const decoder = new FrameDecoder();
    const echoes = new Promise<Uint8Array[]>((resolve) => {
      const got: Uint8Array[] = [];
      port.onData((bytes) => {
        for (const event of decoder.push(bytes)) if (event.type === 'message') got.push(event.message);
        if (got.length === messages.length) resolve(got.slice(1));
      });
    });
    port.write(Buffer.concat(messages.map(encodeFrame)));
    expect((await echoes).map((echo) => [...echo.subarray(MessageHeader.size)])).toEqual(
      pings.map((ping) => [...ping]),
    );
    await port.close();
    const after = await connected((board) => board.stats());
    expect({ lost: after.lostBytes, bad: after.badFrames }).toEqual({ lost: before.lostBytes, bad: before.badFrames });
  });

  test('a port has one user at a time', () =>
    connected(async () => {
      expect(await failure(connect(emulator.port))).toMatchObject({ code: 'port_busy' });
    }));

  test('a board that is frozen for a moment goes on; one that stays frozen is given up', async () => {
    const expected = await connected((board) => collect(board));
    const board = await connect(emulator.port, { timing: { giveUp: 1500 } });
    try {
      process.kill(-emulator.pid, 'SIGSTOP');
      setTimeout(() => process.kill(-emulator.pid, 'SIGCONT'), 700);
      expect(await collect(board)).toEqual(expected);
      process.kill(-emulator.pid, 'SIGSTOP');
      expect(await failure(collect(board))).toMatchObject({ code: 'no_answer' });
    } finally {
      process.kill(-emulator.pid, 'SIGCONT');
      await board.close();
    }
    expect(await connected((next) => collect(next))).toEqual(expected);
  });

  test('nobody answering on a port is one clear error', async () => {
    process.kill(-emulator.pid, 'SIGSTOP');
    try {
      const error = await failure(connect(emulator.port, { timing: { giveUp: 800 } }));
      expect(error).toMatchObject({ code: 'no_answer', where: emulator.port });
    } finally {
      process.kill(-emulator.pid, 'SIGCONT');
    }
  });

  test('an emulator that is killed while tokens stream ends in an error, soon', async () => {
    const own = await startEmulator(spec, flash.path);
    const board = await connect(own.port);
    let count = 0;
    let killed = 0;
    const run = (async () => {
      for await (const token of board.generate('a', { maxTokens: 1_000_000, seed: 1 })) {
        void token;
        if (++count === 20) {
          killed = performance.now();
          process.kill(-own.pid, 'SIGKILL');
        }
      }
    })();
    const error = await failure(run);
    expect(['port_lost', 'no_answer']).toContain(error.code);
    expect(performance.now() - killed).toBeLessThan(5000);
    await board.close();
    await own.stop();
  });

  test('an emulator stopped leaves no process', async () => {
    const own = await startEmulator(spec, flash.path);
    expect(isAlive(own.pid)).toBe(true);
    await own.stop();
    expect(isAlive(own.pid)).toBe(false);
  });
});

test('every board gives the same tokens, digest and likelihood', () => {
  expect(results).toHaveLength(boards.length);
  const answers = results.map(({ ids, digest, nll }) => ({ ids, digest, nll }));
  for (const answer of answers) expect(answer).toEqual(answers[0]);
});

test('boards that count instructions agree on them, if they have the same processor', () => {
  const counting = boards.filter((spec) => spec.ticks === 'instructions');
  for (const cpu of new Set(counting.map((spec) => spec.cpu))) {
    const names = counting.filter((spec) => spec.cpu === cpu).map(({ name }) => name);
    const ticks = results.filter(({ board }) => names.includes(board)).map((result) => result.ticks);
    expect(ticks).toHaveLength(names.length);
    expect(Math.min(...ticks)).toBeGreaterThan(100_000);
    expect(Math.max(...ticks) / Math.min(...ticks)).toBeLessThan(1.02);
  }
});

describe('ports', () => {
  test('one that does not exist', async () => {
    const error = await failure(connect('/dev/ttyNONESUCH7'));
    expect(error).toMatchObject({ code: 'no_such_port', where: '/dev/ttyNONESUCH7' });
  });

  test('a file is no port', async () => {
    const file = join(home, 'file');
    writeFileSync(file, 'text');
    expect(await failure(connect(file))).toMatchObject({ code: 'no_such_port' });
    expect(await failure(connect(home))).toMatchObject({ code: 'no_such_port' });
  });
});
