/** `linnet eval` on small files in this process; test/e2e measures the shipped models in full. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import evaluate from '../../src/cli/commands/eval.js';
import { load } from '../../src/engine/load.js';
import { runIn } from './fake-io.js';

const LM = 'models/gutenberg-lm';
const CLASSIFIER = 'models/sst2-textcnn';
const imageOf = (model: string): string => `${model}/${model.split('/')[1]}.linnet`;
const TEXT = readFileSync(`${LM}/heldout.txt`, 'utf8').slice(0, 4000);
const LABELLED = '1\ta gorgeous, witty film\nnegative\tdull and far too long\n1 what a waste of time\n0 a mess\n';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'linnet-eval-'));
  writeFileSync(join(folder, 'a.txt'), TEXT);
  writeFileSync(join(folder, 'a.txt.gz'), gzipSync(TEXT));
  writeFileSync(join(folder, 'a.tsv'), LABELLED);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function json(model: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { code, out } = await runIn([evaluate], ['eval', imageOf(model), ...args, '--json']);
  expect(code).toBe(0);
  return JSON.parse(out) as Record<string, unknown>;
}

test("perplexity is the library's, and bits per character follow from it", async () => {
  const model = await load(imageOf(LM));
  const { tokens, perplexity, negativeLogLikelihood } = await model.score(TEXT);
  await model.close();
  const quality = await json(LM, '--text', join(folder, 'a.txt'));
  expect(quality['tokens']).toBe(tokens);
  expect((quality['perplexity'] as { int8: number }).int8).toBeCloseTo(perplexity, 4);
  const bits = negativeLogLikelihood / Math.LN2 / Array.from(TEXT).length;
  expect((quality['bitsPerCharacter'] as { int8: number }).int8).toBeCloseTo(bits, 5);
  expect(quality['perplexity']).not.toHaveProperty('float');
});

test('a .gz text gives the same as the text', async () => {
  expect(await json(LM, '--text', join(folder, 'a.txt.gz'))).toEqual(await json(LM, '--text', join(folder, 'a.txt')));
});

test('every engine and the host board give the same perplexity', async () => {
  const text = join(folder, 'short.txt');
  writeFileSync(text, TEXT.slice(0, 1500));
  const expected = await json(LM, '--text', text, '--kernels', 'reference');
  for (const target of [
    ['--engine', 'reference'],
    ['--kernels', 'auto'],
    ['--board', 'host'],
  ])
    expect(await json(LM, '--text', text, ...target)).toEqual(expected);
});

test('--against adds float, and int8 is close to it', async () => {
  const { perplexity } = await json(LM, '--text', join(folder, 'a.txt'), '--against', LM);
  const { int8, float } = perplexity as { int8: number; float: number };
  expect(Math.abs(int8 / float - 1)).toBeLessThan(0.02);
  expect(int8).not.toBe(float);
});

test('accuracy counts right labels, given by number or by name', async () => {
  expect(await json(CLASSIFIER, '--labelled', join(folder, 'a.tsv'), '--against', CLASSIFIER)).toEqual({
    examples: 4,
    accuracy: { int8: 0.75, float: 0.75 },
  });
});

test('for people it is a sentence', async () => {
  const { out } = await runIn([evaluate], ['eval', imageOf(CLASSIFIER), '--labelled', join(folder, 'a.tsv')]);
  expect(out).toBe('accuracy on 4 examples: int8 75.00 %\n');
});
