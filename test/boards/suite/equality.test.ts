/** The promise of the project: every shipped model says on every board it fits what it says here, integer for integer. */
import { readFileSync } from 'node:fs';
import { bootEmulated } from '../../../src/boards/emulated-board.js';
import type { BoardSpec } from '../../../src/boards/registry.js';
import { load } from '../../../src/engine/load.js';
import { openImage, type Image } from '../../../src/image/read.js';
import type { TextModel } from '../../../src/model.js';
import { needOn } from '../../../src/report/summary.js';
import { builtBoards } from '../built-boards.js';
import { shippedImages } from '../shipped-images.js';
import { answerOf, type Answer } from './answers.js';
import { useOwnHome } from './own-home.js';

jest.setTimeout(60_000);

const PROMPT = 'the company said';
const SAMPLING = { maxTokens: 24, seed: 7, temperature: 0.8, topK: 40 };
const SENTENCES = [
  'a gorgeous , witty film',
  'What is the capital of Burkina Faso ?',
  'so dull that i fell asleep twice , and the popcorn was stale',
  'Who invented the telephone ?',
  'Über-kitschig… naïve ?!',
];

useOwnHome();
const images = shippedImages().map((path) => openImage(readFileSync(path), path));
const fitting = (board: BoardSpec): (readonly [string, Image])[] =>
  images.filter((image) => needOn(board, image).fits).map((image) => [image.name, image] as const);

async function answersOf(model: TextModel): Promise<unknown> {
  if (model.info.kind === 'language_model') return answerOf(model, PROMPT, SAMPLING);
  const answers = [];
  for (const sentence of SENTENCES) answers.push(await model.classify(sentence));
  return answers;
}

const known = new Map<string, unknown>();
async function expected(image: Image): Promise<unknown> {
  if (!known.has(image.sha256)) {
    const model = await load(image.bytes, { engine: 'native' });
    known.set(image.sha256, await answersOf(model));
    await model.close();
  }
  return known.get(image.sha256);
}

test('the answers compared say something', async () => {
  const languageModels = images.filter(({ kind }) => kind === 'language_model');
  for (const image of languageModels) {
    const { ids, text } = (await expected(image)) as Answer;
    expect(ids).toHaveLength(SAMPLING.maxTokens);
    expect(new Set(ids).size).toBeGreaterThan(8);
    expect(text.length).toBeGreaterThan(24);
  }
  const classifiers = images.filter(({ kind }) => kind === 'classifier');
  for (const image of classifiers) {
    const answers = (await expected(image)) as { label: string; scores: object }[];
    expect(new Set(answers.map(({ scores }) => JSON.stringify(scores))).size).toBe(SENTENCES.length);
  }
  expect(Math.min(languageModels.length, classifiers.length)).toBeGreaterThanOrEqual(2);
});

describe.each(builtBoards().map((board) => [board.name, board] as const))('%s', (_name, board) => {
  test('has room for a language model and a classifier', () => {
    expect([...new Set(fitting(board).map(([, image]) => image.kind))].sort()).toEqual([
      'classifier',
      'language_model',
    ]);
  });

  test.each(fitting(board))('%s', async (_model, image) => {
    const running = await bootEmulated(board, image.bytes);
    try {
      expect(await answersOf(running)).toEqual(await expected(image));
    } finally {
      await running.close();
    }
  });
});
