/** Two small models in files, and what they say. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from '../../../src/engine/load.js';
import { openImage, type Image } from '../../../src/image/read.js';
import { answerOf } from '../../boards/suite/answers.js';
import { tinyModel } from '../../boards/tiny-model.js';
import type { Board } from '../../../src/link/board.js';
import { linnetJson } from '../child.js';

const ASK = { maxTokens: 24, seed: 7, temperature: 0.8, topK: 40 };
const PROMPT = 'once';

export interface TestModel {
  readonly path: string;
  readonly image: Image;
  /** What it says here. */
  readonly ids: readonly number[];
}

/** @param padding bytes, so that it takes a while to send */
export async function testModel(folder: string, seed: number, padding = 0): Promise<TestModel> {
  const image = openImage(tinyModel(seed, padding), `model ${seed}`);
  const path = join(folder, `${seed}-${padding}.linnet`);
  writeFileSync(path, image.bytes);
  const native = await load(image.bytes);
  const { ids } = await answerOf(native, PROMPT, ASK);
  await native.close();
  return { path, image, ids };
}

/** What a board says to the same. */
export async function idsOf(board: Board): Promise<number[]> {
  return (await answerOf(board, PROMPT, ASK)).ids;
}

/** The same with `linnet generate`. */
export async function generatedIds(model: TestModel, ...target: string[]): Promise<(number | undefined)[]> {
  const options = ['--tokens', `${ASK.maxTokens}`, '--seed', `${ASK.seed}`, '--temperature', `${ASK.temperature}`];
  const lines = await linnetJson<{ type: string; id?: number }>([
    ...['generate', model.path, '--prompt', PROMPT, '--top-k', `${ASK.topK}`, ...options],
    ...target,
  ]);
  return lines.filter(({ type }) => type === 'token').map(({ id }) => id);
}
