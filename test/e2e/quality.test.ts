/** What quantization costs on real text, measured with the program: the figures of the model cards. */
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLASSIFIER, corpus, linnetJson, LM, WORD_LM } from './child.js';

jest.setTimeout(180_000);

test('held-out perplexity of gutenberg-lm in int8 is within half a percent of float', async () => {
  const text = 'models/gutenberg-lm/heldout.txt';
  const [quality] = await linnetJson<{ tokens: number; perplexity: { int8: number; float: number } }>([
    'eval', LM, '--text', text, '--against', 'models/gutenberg-lm',
  ]); // prettier-ignore
  const { tokens, perplexity } = quality!;
  expect(tokens).toBeGreaterThan(80_000);
  expect(perplexity.int8).toBeLessThanOrEqual(1.005 * perplexity.float);
  expect(perplexity.float).toBeLessThan(40);
});

const treebank = corpus('ptb/ptb.test.txt.gz');
(treebank === undefined ? test.skip : test)(
  'test perplexity of ptb-lm on the Penn Treebank in int8 is at most 95, and within 0.3 % of float',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'linnet-quality-'));
    const file = join(folder, 'test.txt');
    writeFileSync(file, treebank!);
    const [quality] = await linnetJson<{ tokens: number; perplexity: { int8: number; float: number } }>([
      'eval', WORD_LM, '--text', file, '--against', 'models/ptb-lm',
    ]); // prettier-ignore
    rmSync(folder, { recursive: true });
    expect(quality!.tokens).toBe(82_430); // as published figures count: words and ends of lines
    expect(quality!.perplexity.int8).toBeLessThanOrEqual(95);
    expect(quality!.perplexity.int8).toBeLessThanOrEqual(1.003 * quality!.perplexity.float);
  },
);

const sentences = corpus('sentences/stsa.binary.test.gz');
(sentences === undefined ? test.skip : test)(
  'SST-2 test accuracy of sst2-textcnn in int8 is at least 82 % and within 0.3 points of float',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'linnet-quality-'));
    const file = join(folder, 'test.txt');
    writeFileSync(file, sentences!);
    const [quality] = await linnetJson<{ examples: number; accuracy: { int8: number; float: number } }>([
    'eval', CLASSIFIER, '--labelled', file, '--against', 'models/sst2-textcnn',
  ]); // prettier-ignore
    rmSync(folder, { recursive: true });
    expect(quality!.examples).toBe(1821);
    expect(quality!.accuracy.int8).toBeGreaterThanOrEqual(0.82);
    expect(Math.abs(quality!.accuracy.int8 - quality!.accuracy.float)).toBeLessThanOrEqual(0.003);
  },
);
