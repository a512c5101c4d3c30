/** The whole link against real firmware: every board that can be emulated. */
import { load } from '../../../src/engine/load.js';
import { boardImage, sha256Of } from '../../../src/boards/board-image.js';
import type { BoardSpec } from '../../../src/boards/registry.js';
import { openImage } from '../../../src/image/read.js';
import { connectTransport, type Board } from '../../../src/link/board.js';
import { encodeFrame, FrameDecoder } from '../../../src/link/frame.js';
import type { Transport } from '../../../src/link/transport.js';
import type { Score } from '../../../src/model.js';
import {
  FRAME_FLAG,
  HelloRequest,
  MessageHeader,
  MessageType,
  PROTOCOL_VERSION,
  ReplyType,
  SelfTestReply,
  StatsReply,
} from '../../../src/schema/link.js';
import type { Values } from '../../../src/schema/struct.js';
import { FaultyTransport } from '../../link/faulty-transport.js';
import { processesOf } from '../../soak/resources.js';
import { builtBoards } from '../built-boards.js';
import { tinyModel } from '../tiny-model.js';
import { answerOf, failure, type Answer } from './answers.js';
import { Bench } from './bench.js';
import { useOwnHome } from './own-home.js';

jest.setTimeout(60_000);

const image = openImage(tinyModel(3), 'tiny');
const PROMPT = 'once upon';
const REQUEST = { maxTokens: 300, seed: 7, temperature: 0.8, topK: 40 };
/** Letters, which are their own token ids here; more than two SCORE messages hold. */
const SCORED = Array.from({ length: 700 }, (_, i) => String.fromCharCode(97 + ((i * 7) % 26))).join('');
const SCORED_IDS = [...Buffer.from(SCORED)];

let expected: Answer;
let digest: string;
let score: Score;
beforeAll(async () => {
  const native = await load(image.bytes, { engine: 'native' });
  expected = await answerOf(native, PROMPT, REQUEST);
  digest = await native.selfTest();
  score = await native.score(SCORED);
  await native.close();
});
useOwnHome();

const message = (type: number, request: number, payload: Uint8Array = new Uint8Array()): Uint8Array =>
  Buffer.concat([MessageHeader.encode({ type, reserved: 0, request }), payload]);

/** Messages on a raw line: what comes is kept until somebody waits for it. */
class Messages {
  private readonly decoder = new FrameDecoder();
  private readonly got: Uint8Array[] = [];
  private wake: () => void = () => undefined;

  constructor(private readonly line: Transport) {
    line.onData((bytes) => {
      for (const event of this.decoder.push(bytes)) if (event.type === 'message') this.got.push(event.message);
      this.wake();
    });
  }

  send(...messages: Uint8Array[]): void {
    this.line.write(Buffer.concat(messages.map(encodeFrame)));
  }

  async next(): Promise<Uint8Array> {
    while (this.got.length === 0) await new Promise<void>((resolve) => (this.wake = resolve));
    return this.got.shift()!;
  }

  /** Ends what an earlier user of the line left running; what of it is still under way is not counted as an answer. */
  async greet(): Promise<void> {
    const versions = { protocol_min: PROTOCOL_VERSION, protocol_max: PROTOCOL_VERSION };
    this.send(message(MessageType.hello, 98, HelloRequest.encode(versions)));
    while ((await this.next())[0] !== ReplyType.hello);
  }

  async stats(): Promise<Values<typeof StatsReply.fields>> {
    this.send(message(MessageType.stats, 99));
    return StatsReply.decode((await this.next()).subarray(MessageHeader.size))!;
  }
}

/** Engine ticks for the generation above, of the boards that count instructions, by processor. */
const instructions = new Map<string, number[]>();

describe.each(builtBoards().map((spec) => [spec.name, spec] as const))('%s', (_name, spec: BoardSpec) => {
  let bench: Bench;
  let board: Board | undefined;
  beforeAll(async () => {
    bench = await Bench.start(spec, image.bytes);
  });
  afterAll(async () => {
    await board?.close();
    await bench.stop();
  });
  const isProcess = spec.emulator!.kind !== 'rp2040js';

  /** The same connection until somebody wants the line: QEMU looks once a second whether its PTY is in use. */
  async function connected<T>(work: (board: Board) => Promise<T>): Promise<T> {
    return work((board ??= await connectTransport(await bench.open())));
  }

  async function line(): Promise<Transport> {
    await board?.close();
    board = undefined;
    return bench.open();
  }

  test('says what board.json says, and which model it holds', () =>
    connected(async (board) => {
      expect(board.facts).toMatchObject({
        board: spec.name,
        ramTotal: spec.ram.arena_bytes,
        maxMessage: spec.uart.message_bytes,
      });
      expect(board.facts.firmware).toMatch(/^\d+\.\d+\.\d+/);
      expect(board.info).toMatchObject({ name: 'tiny-3', kind: 'language_model', vocabSize: 257 });
      const held = sha256Of(boardImage(spec, image.bytes));
      expect(board.info).toMatchObject({ sha256: held, imageBytes: image.bytes.length });
      expect(board.info.ramBytes).toBeGreaterThanOrEqual(image.header.state_bytes + image.header.scratch_bytes);
      expect(await board.ping()).toBeLessThan(5000);
    }));

  test('generates what native does, each time, and counts it', () =>
    connected(async (board) => {
      const before = await board.stats();
      expect(await answerOf(board, PROMPT, REQUEST)).toEqual(expected);
      expect(board.lastGeneration).toMatchObject({ tokens: 300, promptTokens: PROMPT.length + 1 });
      const { ticks } = board.lastGeneration!;
      expect(await answerOf(board, PROMPT, REQUEST)).toEqual(expected);
      expect(await answerOf(board, PROMPT, { ...REQUEST, seed: 8 })).not.toEqual(expected);
      const after = await board.stats();
      expect(after.tokens - before.tokens).toBe(900);
      expect(after.uptimeTicks).not.toBe(before.uptimeTicks);
      if (spec.ticks === 'instructions') instructions.set(spec.cpu, [...(instructions.get(spec.cpu) ?? []), ticks]);
    }));

  test('scores in chunks and tests itself as native does', () =>
    connected(async (board) => {
      expect(await board.scoreTokens(SCORED_IDS)).toEqual(score);
      expect(await board.selfTest()).toBe(digest);
    }));

  test('goes on from its state: two halves make the whole', () =>
    connected(async (board) => {
      const greedy = { temperature: 0 };
      const whole = await answerOf(board, PROMPT, { ...greedy, maxTokens: 40 });
      const half = await answerOf(board, PROMPT, { ...greedy, maxTokens: 20 });
      const rest = await answerOf(board, '', { ...greedy, maxTokens: 20, keepState: true });
      expect([...half.ids, ...rest.ids]).toEqual(whole.ids);
    }));

  test('300 tokens, a score and a digest are right while bytes are damaged both ways', async () => {
    const faults = { drop: 0.002, flip: 0.002, duplicate: 0.001 };
    const faulty = new FaultyTransport(await line(), { seed: 11, toBoard: faults, fromBoard: faults });
    board = await connectTransport(faulty);
    expect(await answerOf(board, PROMPT, REQUEST)).toEqual(expected);
    expect(await board.scoreTokens(SCORED_IDS.slice(0, 40))).toMatchObject({ tokens: 40 });
    expect(await board.selfTest()).toBe(digest);
    expect(faulty.damaged).toBeGreaterThan(15);
    expect(board.line.repetitions).toBeGreaterThan(0);
    await line().then((clean) => clean.close());
  });

  test('aborting frees the board at once, and so does leaving the loop', () =>
    connected(async (board) => {
      const stop = new AbortController();
      const run = (async () => {
        let count = 0;
        for await (const token of board.generate('a', { maxTokens: 1_000_000, seed: 1, signal: stop.signal }))
          if (token && ++count === 50) stop.abort(new Error('enough'));
      })();
      await expect(run).rejects.toThrow('enough');
      for await (const token of board.generate('a', { maxTokens: 1_000_000, seed: 1 })) if (token) break;
      // Or it would wait for a million tokens.
      expect((await answerOf(board, PROMPT, { ...REQUEST, maxTokens: 5 })).ids).toEqual(expected.ids.slice(0, 5));
    }));

  test('a host that vanished while tokens streamed does not keep the next one out', async () => {
    const gone = await connectTransport(await line());
    await gone.generate('a', { maxTokens: 1_000_000, seed: 1 }).next();
    await gone.close();
    expect(await connected((next) => answerOf(next, PROMPT, REQUEST))).toEqual(expected);
  });

  test('refuses in words what it cannot do', () =>
    connected(async (board) => {
      expect(await failure(board.classify('a film'))).toMatchObject({ code: 'wrong_kind' });
      expect(await failure(answerOf(board, PROMPT, { ...REQUEST, topK: 129 }))).toMatchObject({
        code: 'bad_parameter',
      });
      expect(await failure(answerOf(board, 'x'.repeat(2000), REQUEST))).toMatchObject({ code: 'input_too_long' });
    }));

  test('the longest message it accepts is answered; a longer one is dropped and counted, and the next answered', async () => {
    const raw = await line();
    const messages = new Messages(raw);
    await messages.greet();
    const before = await messages.stats();
    const payload = new Uint8Array(spec.uart.message_bytes - MessageHeader.size).fill(FRAME_FLAG);
    messages.send(message(MessageType.ping, 1, payload));
    expect(await messages.next()).toEqual(new Uint8Array(message(ReplyType.ping, 1, payload)));
    messages.send(message(MessageType.ping, 2, new Uint8Array(payload.length + 1)));
    messages.send(message(MessageType.ping, 3, payload));
    expect(await messages.next()).toEqual(new Uint8Array(message(ReplyType.ping, 3, payload)));
    const after = await messages.stats();
    expect(after.bad_frames).toBe(before.bad_frames + 1);
    expect(after.lost_bytes).toBe(before.lost_bytes);
    await raw.close();
  });

  test('takes what comes while it computes: a message with every byte escaped, and one behind it', async () => {
    const raw = await line();
    const messages = new Messages(raw);
    await messages.greet();
    const before = await messages.stats();
    const room = spec.uart.message_bytes - MessageHeader.size;
    const pings = [new Uint8Array(room).fill(FRAME_FLAG), Uint8Array.from({ length: room }, (_, i) => i)];
    messages.send(
      message(MessageType.self_test, 1),
      ...pings.map((payload, i) => message(MessageType.ping, i + 2, payload)),
    );
    const selfTest = SelfTestReply.decode((await messages.next()).subarray(MessageHeader.size))!;
    expect(Buffer.from(selfTest.digest).toString('hex')).toBe(digest);
    for (const ping of pings) expect((await messages.next()).subarray(MessageHeader.size)).toEqual(ping);
    const after = await messages.stats();
    expect([after.lost_bytes, after.bad_frames]).toEqual([before.lost_bytes, before.bad_frames]);
    await raw.close();
  });

  test('its line has one user at a time', () =>
    connected(async () => {
      expect(await failure(bench.open())).toMatchObject({ code: 'port_busy' });
    }));

  if (isProcess)
    test('stopped it leaves no process', async () => {
      const own = await Bench.start(spec, image.bytes);
      expect(processesOf(own.pid!)).not.toEqual([]);
      await own.stop();
      expect(processesOf(own.pid!)).toEqual([]);
    });
});

test('boards with the same processor count the same instructions', () => {
  const pairs = [...instructions.values()].filter((ticks) => ticks.length > 1);
  for (const ticks of pairs) {
    expect(Math.min(...ticks)).toBeGreaterThan(100_000);
    expect(Math.max(...ticks) / Math.min(...ticks)).toBeLessThan(1.02);
  }
});
