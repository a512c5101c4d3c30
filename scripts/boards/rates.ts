/** What a token or a sentence costs on each emulated board: engine ticks, which an emulator counts the same every time. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bootEmulated } from '../../src/boards/emulated-board.js';
import { PACKAGE_ROOT, type BoardSpec } from '../../src/boards/registry.js';
import { readImageFile } from '../../src/engine/read-image.js';
import { openImage, type Image } from '../../src/image/read.js';
import type { Board } from '../../src/link/board.js';
import { needOn } from '../../src/report/summary.js';

const PROMPT = 'the company';
const TOKENS = 20;
const SENTENCE = 'a gorgeous , witty film about the quiet life of a small town .';

export interface Rate {
  /** A token of a language model, prompt counted; a sentence of SENTENCE_TOKENS words for a classifier. */
  readonly per: 'token' | 'sentence';
  readonly ticks: number;
  readonly ticksPerSecond: number;
}

/** board → model → rate */
export type Rates = Readonly<Record<string, Readonly<Record<string, Rate>>>>;

export const SENTENCE_WORDS = SENTENCE.split(' ').length;

/** Shipped images, by name. */
export function shippedImages(): Promise<Image[]> {
  const models = join(PACKAGE_ROOT, 'models');
  const images = readdirSync(models).flatMap((name) =>
    readdirSync(join(models, name))
      .filter((file) => file === `${name}.linnet`)
      .map((file) => join(models, name, file)),
  );
  return Promise.all(images.map(async (path) => openImage(await readImageFile(path), path)));
}

/** Whether the image has room on the board, RAM too. */
export const fits = (board: BoardSpec, image: Image): boolean => needOn(board, image).fits;

export async function measureRate(spec: BoardSpec, image: Image): Promise<Rate> {
  const board = await bootEmulated(spec, image.bytes);
  try {
    return { ...(await run(board)), ticksPerSecond: board.facts.ticksPerSecond };
  } finally {
    await board.close();
  }
}

async function run(board: Board): Promise<Omit<Rate, 'ticksPerSecond'>> {
  if (board.info.kind === 'classifier') {
    await board.classify(SENTENCE);
    return { per: 'sentence', ticks: (await board.stats()).lastTicks };
  }
  for await (const token of board.generate(PROMPT, { maxTokens: TOKENS, seed: 7, temperature: 0.8 })) void token;
  const { lastTicks, lastTokens } = await board.stats();
  return { per: 'token', ticks: Math.round(lastTicks / lastTokens) };
}
