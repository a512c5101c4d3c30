/** Real firmware on a line that damages bytes: the right text or a clear error, never wrong text; and soon enough. */
import { isModel } from '../../src/boards/board-image.js';
import { createHash } from 'node:crypto';
import { findBoard } from '../../src/boards/registry.js';
import { load } from '../../src/engine/load.js';
import { LinnetError } from '../../src/errors.js';
import { connectTransport, type Board } from '../../src/link/board.js';
import { answerOf, type Answer } from '../boards/suite/answers.js';
import { Bench } from '../boards/suite/bench.js';
import { useOwnHome } from '../boards/suite/own-home.js';
import { builtBoards } from '../boards/built-boards.js';
import { tinyModel } from '../boards/tiny-model.js';
import { FaultyTransport, type Faults, type FaultyLine } from './faulty-transport.js';

jest.setTimeout(120_000);

const MOST_SECONDS = 60;
const PROMPT = 'once upon';
const REQUEST = { maxTokens: 1000, seed: 7, temperature: 0.8, topK: 40 };
const OLD = tinyModel(3);
const NEW = tinyModel(4);

const bothWays = (faults: Faults): Omit<FaultyLine, 'seed'> => ({ toBoard: faults, fromBoard: faults });
const half = { drop: 0.005, flip: 0.005 };
const third = { drop: 0.001, flip: 0.001, duplicate: 0.001 };
const LINES = {
  'loses 1 %': bothWays({ drop: 0.01 }),
  'flips a bit in 1 %': bothWays({ flip: 0.01 }),
  'loses or flips 1 %': bothWays(half),
  'damages 1 % of what goes to the board': { toBoard: half },
  'damages 1 % of what comes from the board': { fromBoard: half },
  'loses, flips, doubles and delays, 0.1 % each': bothWays({ ...third, delay: 0.001 }),
} as const satisfies Record<string, Omit<FaultyLine, 'seed'>>;
type Line = keyof typeof LINES;
type Case = readonly [board: string, line: Line, seed: number];

const ALL = Object.keys(LINES) as Line[];
const ON_HOST: readonly Case[] = builtBoards('host').flatMap(({ name }) =>
  ALL.flatMap((line) => [1, 2].map((seed) => [name, line, seed] as const)),
);
/** These take a processor while they run. */
const EMULATED: readonly Case[] = builtBoards('netduinoplus2', 'pico').map(({ name }) => [
  name,
  'loses or flips 1 %',
  1,
]);
/** It takes one message at a time, and half of them fail where 1 % of the bytes do: that takes a minute. */
const PICO: readonly Case[] = builtBoards('pico').map(({ name }) => [name, ALL.at(-1)!, 1]);
const GENERATIONS = [...ON_HOST, ...EMULATED];
const UPLOADS = [...ON_HOST, ...PICO];

interface Outcome {
  readonly seconds: number;
  readonly damaged: number;
  readonly carried: number;
  /** What the work gave, whole if there is no error. */
  readonly answer: Answer;
  readonly error: unknown;
  /** The board afterwards, on a good line. */
  readonly afterwards: { readonly sha256: string; readonly answer: Answer };
}

type Work = (board: Board, answer: Answer & { text: string }) => Promise<void>;

async function outcome([name, line, seed]: Case, work: Work): Promise<Outcome> {
  const bench = await Bench.start(findBoard(name), OLD);
  try {
    const faulty = new FaultyTransport(await bench.open(), { seed, ...LINES[line] });
    const answer = { text: '', ids: [] as number[] };
    const started = performance.now();
    let error: unknown;
    try {
      const board = await connectTransport(faulty);
      await work(board, answer).finally(() => board.close());
    } catch (caught) {
      error = caught;
    }
    const seconds = (performance.now() - started) / 1000;
    const { damaged, carried } = faulty;
    const afterwards = await bench.connected(async (board) => ({
      sha256: board.info.sha256,
      answer: await answerOf(board, PROMPT, { ...REQUEST, maxTokens: 30 }),
    }));
    return { seconds, damaged, carried, answer, error, afterwards };
  } finally {
    await bench.stop();
  }
}

const generate: Work = async (board, answer) => {
  for await (const { text, id } of board.generate(PROMPT, REQUEST)) {
    answer.text += text;
    answer.ids.push(id);
  }
};
const upload: Work = async (board) => {
  await board.upload(NEW);
};

useOwnHome();
const sha256 = (image: Uint8Array): string => createHash('sha256').update(image).digest('hex');
const answers = new Map<string, Answer>();
const keyOf = (...words: readonly unknown[]): string => words.join(', ');
let generated: Map<string, Outcome>;
let uploaded: Map<string, Outcome>;
beforeAll(async () => {
  for (const image of [OLD, NEW]) {
    const native = await load(image);
    answers.set(sha256(image), await answerOf(native, PROMPT, REQUEST));
    await native.close();
  }
  generated = await together(ON_HOST, generate);
  for (const one of EMULATED) generated.set(keyOf(...one), await outcome(one, generate));
  uploaded = await together(ON_HOST, upload);
  for (const one of PICO) uploaded.set(keyOf(...one), await outcome(one, upload));
});

/** All at the same time: they mostly wait. */
async function together(cases: readonly Case[], work: Work): Promise<Map<string, Outcome>> {
  return new Map(await Promise.all(cases.map(async (one) => [keyOf(...one), await outcome(one, work)] as const)));
}

function expectDamage({ damaged, carried }: Outcome, line: Line): void {
  expect(damaged).toBeGreaterThanOrEqual(5); // what goes to the board is little
  expect(damaged / carried).toBeLessThan(0.013);
  if (Object.keys(LINES[line]).length === 2) expect(damaged / carried).toBeGreaterThan(0.002);
}

describe('1,000 tokens', () => {
  test.each(GENERATIONS)('from %s over a line that %s, seed %i', (...one) => {
    const result = generated.get(keyOf(...one))!;
    const expected = answers.get(sha256(OLD))!;
    expectDamage(result, one[1]);
    expect(result.seconds).toBeLessThan(MOST_SECONDS);
    if (result.error === undefined) return expect(result.answer).toEqual(expected);
    expect(result.error).toBeInstanceOf(LinnetError);
    expect(expected.text.startsWith(result.answer.text)).toBe(true);
    return;
  });

  test('mostly arrive', () => {
    const right = [...generated.values()].filter(({ error }) => error === undefined);
    expect(right.length).toBeGreaterThanOrEqual(GENERATIONS.length - 1);
  });

  test.each(GENERATIONS)('leave %s usable after a line that %s, seed %i', (...one) => {
    const { ids } = generated.get(keyOf(...one))!.afterwards.answer;
    expect(ids).toEqual(answers.get(sha256(OLD))!.ids.slice(0, 30));
  });
});

describe('an upload', () => {
  test.each(UPLOADS)('to %s over a line that %s, seed %i, is whole or leaves the old model', (...one) => {
    const { error, seconds, afterwards } = uploaded.get(keyOf(...one))!;
    expect(seconds).toBeLessThan(MOST_SECONDS);
    if (error !== undefined) expect(error).toBeInstanceOf(LinnetError);
    // An error may hide that the last step was done: then it is the new one, whole.
    const there = [OLD, NEW].find((image) => isModel(afterwards.sha256, image))!;
    if (error === undefined) expect(there).toBe(NEW);
    expect(afterwards.answer.ids).toEqual(answers.get(sha256(there))!.ids.slice(0, 30));
  });

  test('mostly arrives', () => {
    const right = [...uploaded.values()].filter(({ error }) => error === undefined);
    expect(right.length).toBeGreaterThanOrEqual(UPLOADS.length - 1);
  });
});
