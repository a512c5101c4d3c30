/** Streaming: order, backpressure, leaving early, aborting, closing, many at once. */
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { NativeModel } from '../../src/engine/native.js';
import type { Token } from '../../src/model.js';
import { collect, imageBytes } from './images.js';

const OPTIONS = { maxTokens: 1000, temperature: 1, topK: 0, seed: 7 };
const ENDLESS = { ...OPTIONS, maxTokens: 1_000_000 };

let model: NativeModel;
let expected: Token[];

beforeEach(async () => {
  model = new NativeModel(imageBytes('lm-tied'), 'lm-tied');
  expected = await collect(model.generate('the', OPTIONS));
  expect(expected).toHaveLength(OPTIONS.maxTokens);
});
afterEach(() => model.close());

test('a slow reader gets every token, in order', async () => {
  const tokens: Token[] = [];
  for await (const token of model.generate('the', OPTIONS)) {
    if (tokens.length % 97 === 0) await wait(2);
    tokens.push(token);
  }
  expect(tokens).toEqual(expected);
});

test('a reader that never waits for anything else still lets timers run', async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  let count = 0;
  for await (const token of model.generate('the', { ...OPTIONS, maxTokens: 20_000 })) count += token.id >= 0 ? 1 : 0;
  clearInterval(timer);
  expect(count).toBe(20_000);
  expect(ticks).toBeGreaterThan(5);
});

test('overlapping calls of next() are served in order, and all end alike', async () => {
  const stream = model.generate('the', { ...OPTIONS, maxTokens: 50 });
  const results = await Promise.all(Array.from({ length: 60 }, () => stream.next()));
  expect(results.slice(0, 50).map(({ value }) => value as Token)).toEqual(expected.slice(0, 50));
  expect(results.slice(50)).toEqual(Array.from({ length: 10 }, () => ({ done: true, value: undefined })));
});

test('many generations at once on one model give what each gives alone', async () => {
  const seeds = Array.from({ length: 24 }, (_, seed) => ({ ...OPTIONS, maxTokens: 300, seed }));
  const alone: Token[][] = [];
  for (const options of seeds) alone.push(await collect(model.generate('and', options)));
  expect(await Promise.all(seeds.map((options) => collect(model.generate('and', options))))).toEqual(alone);
});

test('generations that nobody reads on hold up nobody else', async () => {
  const stalled = Array.from({ length: 8 }, () => model.generate('the', ENDLESS));
  for (const stream of stalled) await stream.next();
  expect(await collect(model.generate('the', OPTIONS))).toEqual(expected);
  for (const stream of stalled) await stream.return!();
});

test('leaving the loop ends the generation', async () => {
  const tokens: Token[] = [];
  const stream = model.generate('the', ENDLESS);
  for await (const token of stream) if (tokens.push(token) === 10) break;
  expect(tokens).toEqual(expected.slice(0, 10));
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

test('return() and throw() before the first next() start nothing', async () => {
  expect(await model.generate('the', ENDLESS).return!()).toEqual({ done: true, value: undefined });
  const error = new Error('mine');
  await expect(model.generate('the', ENDLESS).throw!(error)).rejects.toBe(error);
});

test('return() gives no token to a next() that waits', async () => {
  const stream = model.generate('the '.repeat(100_000), ENDLESS);
  const waiting = stream.next();
  expect(await stream.return!()).toEqual({ done: true, value: undefined });
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test('aborting throws the reason of the signal, also in the middle of a batch', async () => {
  const reason = new Error('enough');
  const aborter = new AbortController();
  const tokens: Token[] = [];
  const reading = (async () => {
    for await (const token of model.generate('the', { ...ENDLESS, signal: aborter.signal }))
      if (tokens.push(token) === 5) aborter.abort(reason);
  })();
  await expect(reading).rejects.toBe(reason);
  expect(tokens).toEqual(expected.slice(0, 5));
});

test('leaving at any moment ends the generation, also while its queue is full', async () => {
  for (let i = 0; i < 1200; i++) {
    const stream = model.generate('the', { ...ENDLESS, seed: i });
    await stream.next();
    const until = process.hrtime.bigint() + BigInt((i % 60) * 20_000); // ns: past the time the queue takes to fill
    while (process.hrtime.bigint() < until);
    await stream.return!();
  }
});

test('aborting ends a long prompt', async () => {
  const stream = model.generate('the '.repeat(100_000), { ...ENDLESS, signal: AbortSignal.timeout(5) });
  await expect(stream.next()).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('a signal aborted before keeps the generation from starting', async () => {
  const signal = AbortSignal.abort('no');
  await expect(collect(model.generate('the', { ...OPTIONS, signal }))).rejects.toBe('no');
});

test('closing the model rejects what runs with code "closed", and later calls too', async () => {
  const streams = Array.from({ length: 6 }, () => model.generate('the', ENDLESS));
  const reading = streams.map((stream) => collect(stream).catch((error: unknown) => error));
  const scoring = model.score('the '.repeat(50_000)).catch((error: unknown) => error);
  const halfRead = model.generate('the', ENDLESS);
  await halfRead.next();
  await nextTurn();
  await model.close();
  for (const error of await Promise.all([...reading, scoring])) expect(error).toMatchObject({ code: 'closed' });
  await expect(collect(halfRead)).rejects.toMatchObject({ code: 'closed' });
  await expect(collect(model.generate('the'))).rejects.toMatchObject({ code: 'closed' });
  await expect(model.score('the')).rejects.toMatchObject({ code: 'closed' });
  await expect(model.selfTest()).rejects.toMatchObject({ code: 'closed' });
  expect(() => model.encode('the')).toThrow(expect.objectContaining({ code: 'closed' }));
  await model.close();
});

test('closing the model between two tokens of a batch rejects with code "closed"', async () => {
  const stream = model.generate('the', ENDLESS);
  await stream.next();
  const closing = model.close();
  await expect(collect(stream)).rejects.toMatchObject({ code: 'closed' });
  await closing;
});

test('bad options are told apart by name before anything runs', async () => {
  const bad: [object, string][] = [
    [{ maxTokens: 0 }, 'maxTokens'],
    [{ maxTokens: 1_000_001 }, 'maxTokens'],
    [{ temperature: -1 }, 'temperature'],
    [{ temperature: NaN }, 'temperature'],
    [{ temperature: 16 }, 'temperature'],
    [{ topK: 129 }, 'topK'],
    [{ topK: 1.5 }, 'topK'],
    [{ seed: 2 ** 32 }, 'seed'],
    [{ seed: '7' }, 'seed'],
    [{ keepState: 1 }, 'keepState'],
    [{ signal: {} }, 'signal'],
    [{ temprature: 1 }, 'temprature'],
  ];
  for (const [options, where] of bad)
    await expect(collect(model.generate('the', options))).rejects.toMatchObject({ code: 'bad_parameter', where });
});

test('without a seed two generations differ', async () => {
  const ids = async () => (await collect(model.generate('the', { ...OPTIONS, seed: undefined }))).map(({ id }) => id);
  expect(await ids()).not.toEqual(await ids());
});

test('scoring reports its progress and can be aborted', async () => {
  const text = 'the film '.repeat(20_000);
  const tokens = model.encode(text).length;
  const seen: [number, number][] = [];
  const score = await model.score(text, { onProgress: (done, total) => seen.push([done, total]) });
  expect(score.tokens).toBe(tokens);
  expect(seen.at(-1)).toEqual([tokens, tokens]);
  expect(seen.every(([done, total], i) => total === tokens && (i === 0 || done > seen[i - 1]![0]))).toBe(true);
  expect(seen.length).toBeGreaterThan(2);

  const aborter = new AbortController();
  const aborted = model.score(text, { signal: aborter.signal, onProgress: () => aborter.abort('stop') });
  await expect(aborted).rejects.toBe('stop');
});
