/** The host's side of the protocol: recovery, credits, cancelling, refusals. Boards here are simulated. */
import { LinnetError } from '../../src/errors.js';
import { connectTransport, type Board, type ConnectOptions } from '../../src/link/board.js';
import { MessageType } from '../../src/schema/link.js';
import { STATUS } from '../../src/schema/status.js';
import { evenly, FaultyTransport } from './faulty-transport.js';
import { MemoryTransport } from './memory-transport.js';
import { SimulatedBoard, type Behaviour } from './simulated-board.js';

const WORDS = Array.from({ length: 300 }, (_, i) => ` wörd${i}~}`);
const TEXT = WORDS.join('');
/** Cut every three bytes, so that tokens end within characters. */
const TOKENS = Array.from({ length: Math.ceil(Buffer.byteLength(TEXT) / 3) }, (_, i) =>
  Uint8Array.from(Buffer.from(TEXT).subarray(3 * i, 3 * i + 3)),
);
const FAST = { firstTimeout: 30, minTimeout: 10, maxTimeout: 100, giveUp: 1500, stuck: 3000 };

async function open(
  behaviour: Behaviour = {},
  options: ConnectOptions = {},
): Promise<{ board: Board; sim: SimulatedBoard; far: MemoryTransport }> {
  const [near, far] = MemoryTransport.pair();
  const sim = new SimulatedBoard(far, TOKENS, behaviour);
  return { board: await connectTransport(near, { timing: FAST, ...options }), sim, far };
}

async function textOf(board: Board, maxTokens: number): Promise<string> {
  let text = '';
  for await (const token of board.generate('', { maxTokens })) text += token.text;
  return text;
}

async function failure(promise: Promise<unknown>): Promise<LinnetError> {
  return promise.then(
    () => {
      throw new Error('expected a failure');
    },
    (error: LinnetError) => error,
  );
}

function firstTokens(count: number): string {
  return new TextDecoder().decode(Buffer.concat(TOKENS.slice(0, count))).replace(/\ufffd$/, '');
}

test('hello tells who is there', async () => {
  const { board } = await open();
  expect(board.facts).toMatchObject({ board: 'sim', firmware: '1.2.3', ramTotal: 1000, ticksPerSecond: 1000 });
  expect(board.info).toMatchObject({ name: 'tale', kind: 'language_model', vocabSize: 100, ramBytes: 100 });
  await board.close();
});

test('a generation is whole, in order, and never exceeds the window', async () => {
  const { board, sim } = await open();
  expect(await textOf(board, TOKENS.length)).toBe(TEXT);
  expect(sim.runs).toBe(1);
  expect(sim.mostOutstanding).toBeLessThanOrEqual(16);
  expect(board.lastGeneration).toEqual({ tokens: TOKENS.length, promptTokens: 3, ticks: 99 });
  await board.close();
});

test.each([1, 2, 3, 4, 5, 6])(
  '300 tokens over a line that damages 1 %% of the bytes are right, seed %i',
  async (seed) => {
    const [near, far] = MemoryTransport.pair();
    const noisy = new FaultyTransport(near, evenly(0.01, seed));
    const sim = new SimulatedBoard(far, TOKENS);
    const board = await connectTransport(noisy, { timing: { ...FAST, giveUp: 5000, stuck: 20000 } });
    expect(await textOf(board, 300)).toBe(firstTokens(300));
    expect(noisy.damaged).toBeGreaterThan(20);
    expect(board.line.repetitions).toBeGreaterThan(0);
    expect(sim.runs).toBe(1);
    await board.close();
  },
);

test('a board that nobody can understand ends in one clear error', async () => {
  const [near, far] = MemoryTransport.pair();
  new SimulatedBoard(far, TOKENS);
  const error = await failure(connectTransport(new FaultyTransport(near, evenly(0.5, 1)), { timing: FAST }));
  expect(error).toMatchObject({ code: 'no_answer' });
});

test('console text between frames goes to the log and never into the answer', async () => {
  let log = '';
  const { board, sim } = await open({}, { onConsole: (text) => (log += text) });
  const answer = textOf(board, 40);
  sim.print('boot: ünicode log\r\n');
  expect(await answer).toBe(firstTokens(40));
  expect(log).toBe('boot: ünicode log\r\n');
  await board.close();
});

test('a board that was reset in the middle gives a clear error', async () => {
  const { board } = await open({ resetAfter: 21 });
  const error = await failure(textOf(board, 100));
  expect(error).toMatchObject({ code: 'bad_message' });
  expect(error.message).toMatch(/reset/);
  await board.close();
});

test('a board that falls silent in the middle gives no_answer', async () => {
  const { board } = await open({ deafTo: [MessageType.pull, MessageType.ping, MessageType.cancel] });
  expect(await failure(textOf(board, 100))).toMatchObject({ code: 'no_answer' });
  await board.close();
});

test('a board that lives but makes no progress is given up too', async () => {
  const { board } = await open({ deafTo: [MessageType.pull] });
  const error = await failure(textOf(board, 100));
  expect(error).toMatchObject({ code: 'no_answer' });
  expect(error.what).toMatch(/talks/);
  await board.close();
});

test('leaving the loop cancels on the board', async () => {
  const { board, sim } = await open();
  for await (const token of board.generate('', { maxTokens: 300 })) if (token.id === 5) break;
  expect(sim.cancelled).toBe(true);
  expect(await textOf(board, 20)).toBe(firstTokens(20));
  await board.close();
});

test('aborting cancels on the board and throws the reason', async () => {
  const { board, sim } = await open({ deafTo: [MessageType.pull] });
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error('enough')), 50);
  const run = (async () => {
    for await (const token of board.generate('', { maxTokens: 300, signal: stop.signal })) void token;
  })();
  await expect(run).rejects.toThrow('enough');
  expect(sim.cancelled).toBe(true);
  await board.close();
});

test('a signal aborted before sends nothing', async () => {
  const { board, sim } = await open();
  await expect(board.generate('', { signal: AbortSignal.abort(new Error('no')) }).next()).rejects.toThrow('no');
  expect(sim.received).toEqual([MessageType.hello]);
  await board.close();
});

test('a generation that fails on the board reports its status', async () => {
  const { board } = await open({ doneStatus: STATUS.input_too_long.code });
  expect(await failure(textOf(board, 5))).toMatchObject({ code: 'input_too_long' });
  await board.close();
});

test('a prompt longer than a message is refused before it is sent', async () => {
  const { board, sim } = await open();
  const error = await failure(board.generate('x'.repeat(1100)).next());
  expect(error).toMatchObject({ code: 'input_too_long' });
  expect(sim.runs).toBe(0);
  expect(await textOf(board, 3)).toBe(firstTokens(3));
  await board.close();
});

test('another protocol version is refused', async () => {
  expect(await failure(open({ protocol: 2 }))).toMatchObject({ code: 'unsupported_protocol' });
});

test('a board without a model says why', async () => {
  const none = await failure(open({ modelKind: 0, modelStatus: STATUS.no_model.code }));
  expect(none).toMatchObject({ code: 'no_model' });
  const damaged = await failure(open({ modelKind: 0, modelStatus: STATUS.crc_mismatch.code }));
  expect(damaged).toMatchObject({ code: 'no_model' });
  expect(damaged.message).toMatch(/CRC/);
});

test('a line that is lost ends every call with port_lost, at once', async () => {
  const [near, far] = MemoryTransport.pair();
  new SimulatedBoard(far, TOKENS, { deafTo: [MessageType.pull] });
  const board = await connectTransport(near);
  const run = failure(textOf(board, 100));
  setTimeout(() => near.end(new LinnetError('port_lost', 'gone', 'memory', '')), 20);
  const start = performance.now();
  expect(await run).toMatchObject({ code: 'port_lost' });
  expect(performance.now() - start).toBeLessThan(6000); // half of what it waits for a board that is silent
  expect(await failure(board.ping())).toMatchObject({ code: 'port_lost' });
});

test('closing ends a running generation with "closed"', async () => {
  const { board } = await open({ deafTo: [MessageType.pull] });
  const run = failure(textOf(board, 100));
  setTimeout(() => void board.close(), 20);
  expect(await run).toMatchObject({ code: 'closed' });
});

test('a second request while tokens stream is refused, not queued for ever', async () => {
  const { board } = await open();
  for await (const token of board.generate('', { maxTokens: 300 })) {
    void token;
    expect(await failure(board.selfTest())).toMatchObject({ code: 'busy' });
    expect(await failure(board.generate('').next())).toMatchObject({ code: 'busy' });
    expect(await board.ping()).toBeGreaterThan(0);
    break;
  }
  await board.close();
});

test('what the model cannot do is refused without asking the board', async () => {
  const { board, sim } = await open();
  expect(await failure(board.classify('a film'))).toMatchObject({ code: 'wrong_kind' });
  expect(await failure(board.score('text'))).toMatchObject({ code: 'usage' });
  expect(await failure(board.scoreTokens([1, 100]))).toMatchObject({ code: 'bad_token' });
  expect(await failure(board.scoreTokens([]))).toMatchObject({ code: 'input_empty' });
  expect(sim.received).toEqual([MessageType.hello]);
  await board.close();
});
