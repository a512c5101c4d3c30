/** ReferenceModel as a TextModel. That it equals the native engine is tested where both are (test/engine/). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ReferenceModel } from '../../../src/engine/reference/model';
import type { GenerateOptions, Token } from '../../../src/model';

const CONFORMANCE = join(__dirname, '../../conformance');
const open = (name: string): ReferenceModel =>
  new ReferenceModel(readFileSync(join(CONFORMANCE, `${name}.linnet`)), `${name}.linnet`);

async function collect(model: ReferenceModel, prompt: string, options: GenerateOptions): Promise<Token[]> {
  const tokens: Token[] = [];
  for await (const token of model.generate(prompt, options)) tokens.push(token);
  return tokens;
}

const ids = (tokens: readonly Token[]): number[] => tokens.map((t) => t.id);
const SAMPLED = { maxTokens: 20, seed: 5, temperature: 1.2, topK: 0 };
const code = (value: string): unknown => expect.objectContaining({ code: value });

test('the same seed gives the same text, another seed another', async () => {
  const model = open('lm-tied');
  const first = await collect(model, 'the ', SAMPLED);
  expect(first).toHaveLength(20);
  expect(await collect(model, 'the ', SAMPLED)).toEqual(first);
  expect(ids(await collect(model, 'the ', { ...SAMPLED, seed: 6 }))).not.toEqual(ids(first));
  expect(ids(await collect(model, 'and ', SAMPLED))).not.toEqual(ids(first));
});

test('keepState goes on where the last generation stopped', async () => {
  const model = open('lm-tied');
  const greedy = { maxTokens: 30, temperature: 0 };
  const whole = ids(await collect(model, 'the', greedy));
  const start = ids(await collect(model, 'the', { ...greedy, maxTokens: 10 }));
  const rest = ids(await collect(model, '', { ...greedy, maxTokens: 20, keepState: true }));
  expect([...start, ...rest]).toEqual(whole);
});

test('keepState goes on after the last token that was taken, also when the loop was left', async () => {
  const model = open('lm-tied');
  const greedy = { maxTokens: 30, temperature: 0 };
  const whole = ids(await collect(model, 'the', greedy));
  const start: number[] = [];
  for await (const token of model.generate('the', greedy)) if (start.push(token.id) === 7) break;
  const rest = ids(await collect(model, '', { ...greedy, maxTokens: 23, keepState: true }));
  expect([...start, ...rest]).toEqual(whole);
});

test('a generation ends at the end token, which is not shown', async () => {
  const model = open('lm-untied');
  const lengths = await Promise.all(
    [1, 2, 3, 4, 5, 6].map(async (seed) => {
      const tokens = await collect(model, '', { maxTokens: 2000, temperature: 2, topK: 0, seed });
      expect(ids(tokens)).not.toContain(1);
      return tokens.length;
    }),
  );
  expect(Math.min(...lengths)).toBeLessThan(2000);
});

test('an aborted generation throws the reason and frees the model', async () => {
  const model = open('lm-tied');
  const controller = new AbortController();
  const seen: number[] = [];
  const run = async (): Promise<void> => {
    for await (const token of model.generate('the', { ...SAMPLED, maxTokens: 1000, signal: controller.signal }))
      if (seen.push(token.id) === 3) controller.abort(new Error('enough'));
  };
  await expect(run()).rejects.toThrow('enough');
  expect(seen).toHaveLength(3);
  await expect(collect(model, 'x', { signal: AbortSignal.abort() })).rejects.toThrow();
  expect(await collect(model, 'the', SAMPLED)).toHaveLength(20);
});

test('scoring is the sum of what each token costs', async () => {
  const model = open('lm-tied');
  const text = 'the other hand';
  const progress: [number, number][] = [];
  const score = await model.score(text, { onProgress: (done, total) => progress.push([done, total]) });
  expect(score.tokens).toBe(model.encode(text).length);
  expect(score.perplexity).toBeCloseTo(Math.exp(score.negativeLogLikelihood / score.tokens), 10);
  expect(progress.at(-1)).toEqual([score.tokens, score.tokens]);
  // Scored from the initial state: what was generated before does not matter.
  await collect(model, 'and', SAMPLED);
  expect(await model.score(text)).toEqual(score);
  await expect(model.score(text, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
});

test('a sentence gets the label of its largest score', async () => {
  const model = open('cnn');
  for (const text of [
    'a gorgeous, witty film',
    'terrible',
    'the plot was not good - but it is the ending that is bad',
  ]) {
    const { label, scores } = await model.classify(text);
    expect(Object.keys(scores)).toEqual(model.info.labels);
    expect(scores[label]).toBe(Math.max(...Object.values(scores)));
    expect(Object.values(scores).reduce((a, b) => a + b)).toBeCloseTo(1, 3);
  }
});

test('info describes the image', () => {
  const bytes = readFileSync(join(CONFORMANCE, 'cnn.linnet'));
  expect(open('cnn').info).toMatchObject({
    name: 'cnn',
    kind: 'classifier',
    vocabSize: 54,
    labels: ['negative', 'neutral', 'très positif'],
    imageBytes: bytes.length,
  });
});

test('wrong use is refused with a code', async () => {
  const model = open('lm-tied');
  const classifier = open('cnn');
  await expect(model.classify('x')).rejects.toEqual(code('wrong_kind'));
  await expect(classifier.score('x')).rejects.toEqual(code('wrong_kind'));
  await expect(collect(classifier, 'x', {})).rejects.toEqual(code('wrong_kind'));
  await expect(model.score('')).rejects.toEqual(code('input_empty'));
  await expect(classifier.classify('  ')).rejects.toEqual(code('input_empty'));
  await expect(classifier.classify('the '.repeat(41))).rejects.toEqual(code('input_too_long'));
  await expect(collect(model, 'x', { topK: 129 })).rejects.toEqual(code('bad_parameter'));
  expect(() => new ReferenceModel(new Uint8Array(5), 'x')).toThrow(code('image_too_small') as Error);
});

test('a closed model answers nothing, and a running generation ends', async () => {
  const model = open('lm-tied');
  const run = async (): Promise<void> => {
    for await (const token of model.generate('the', { ...SAMPLED, maxTokens: 1000 })) if (token) await model.close();
  };
  await expect(run()).rejects.toEqual(code('closed'));
  await expect(model.score('x')).rejects.toEqual(code('closed'));
  await expect(model.selfTest()).rejects.toEqual(code('closed'));
  await expect(collect(model, 'x', {})).rejects.toEqual(code('closed'));
});
