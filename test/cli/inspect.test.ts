/** `linnet inspect` on the two shipped images. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import inspect from '../../src/cli/commands/inspect.js';
import { knownBoards } from '../../src/boards/registry.js';
import type { ImageSummary } from '../../src/report/summary.js';
import { runIn } from './fake-io.js';

const LM = 'models/gutenberg-lm/gutenberg-lm.linnet';
const CLASSIFIER = 'models/sst2-textcnn/sst2-textcnn.linnet';

async function json(image: string): Promise<ImageSummary> {
  const { code, out, err } = await runIn([inspect], ['inspect', image, '--json']);
  expect({ code, err, lines: out.split('\n').length }).toEqual({ code: 0, err: '', lines: 2 });
  return JSON.parse(out) as ImageSummary;
}

test('a language model is described by its name, hash, size and layers', async () => {
  const bytes = readFileSync(LM);
  const summary = await json(LM);
  expect(summary).toMatchObject({
    name: 'gutenberg-lm',
    kind: 'language_model',
    // embedding, two LSTM layers with one bias each, output bias; the tied table counts once
    parameters: 1024 * 200 + 2 * (4 * 200 * 400 + 4 * 200) + 1024,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    vocabSize: 1024,
    labels: [],
  });
  expect(summary.ops.map(({ op }) => op)).toEqual(['embedding', 'lstm', 'lstm', 'linear']);
  // hidden int8 and cell int32 of two layers of 200
  expect(summary.stateBytes).toBeGreaterThanOrEqual(2 * 200 * 5);
});

test('every known board has its RAM need, and both models fit the STM32F405', async () => {
  for (const image of [LM, CLASSIFIER]) {
    const { ram, boards, stateBytes, scratchBytes, bytes } = await json(image);
    expect(Object.keys(ram)).toEqual(knownBoards().map(({ name }) => name));
    for (const need of Object.values(ram)) expect(need).toBeGreaterThanOrEqual(stateBytes + scratchBytes);
    expect(boards['netduinoplus2']).toMatchObject({ fits: true, flash: bytes });
  }
});

test('a classifier shows its labels, and every op the shape of what it gives', async () => {
  const { labels, ops } = await json(CLASSIFIER);
  expect(labels).toEqual(['negative', 'positive']);
  expect(ops.at(-1)).toMatchObject({ op: 'softmax', shape: [2], dtype: 'u16', parameters: 0 });
  expect(ops[0]).toMatchObject({ op: 'embedding', shape: [64, 112], time: true, parameters: 6149 * 112 });
});

test('for people it is three tables', async () => {
  const { code, out } = await runIn([inspect], ['inspect', CLASSIFIER]);
  expect(code).toBe(0);
  expect(out).toMatch(/^name +sst2-textcnn$/m);
  expect(out).toMatch(/^embedding +≤64×112 +i8 +688,688 +688,688$/m);
  expect(out).toMatch(/^conv +100 +i8 +33,700 +34,500$/m);
  expect(out).toMatch(/^netduinoplus2 .* fits$/m);
});

test('hashed n-grams are told apart from tokens', async () => {
  const { out } = await runIn([inspect], ['inspect', 'test/conformance/fasttext.linnet']);
  expect(out).toMatch(/^tokenizer +word_level, 55 tokens, 101 buckets of n-grams up to 3 words$/m);
  expect(await json('test/conformance/fasttext.linnet')).toMatchObject({ wordNgrams: 3, bucketCount: 101 });
});
