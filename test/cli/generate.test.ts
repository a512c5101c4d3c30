/** `linnet generate` in this process; test/e2e runs it as a program and on boards. */
import generate from '../../src/cli/commands/generate.js';
import { Interrupted } from '../../src/cli/failure.js';
import { load } from '../../src/engine/load.js';
import { ONE_LINE, runIn } from './fake-io.js';

const LM = 'models/gutenberg-lm/gutenberg-lm.linnet';
const run = (...args: string[]) => runIn([generate], ['generate', LM, '--prompt', 'Once upon a time', ...args]);
const lines = (out: string) =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('--json gives a line a token, then the whole text, as the library does', async () => {
  const { code, out } = await run('--seed', '7', '--tokens', '20', '--json');
  expect(code).toBe(0);
  const model = await load(LM);
  const expected = [];
  for await (const { id, text } of model.generate('Once upon a time', {
    seed: 7,
    maxTokens: 20,
    temperature: 0.8,
    topK: 40,
  }))
    expected.push({ type: 'token', id, text });
  await model.close();
  expect(lines(out).slice(0, -1)).toEqual(expected);
  expect(lines(out).at(-1)).toEqual({
    type: 'done',
    text: expected.map(({ text }) => text).join(''),
    tokens: 20,
    seconds: expect.any(Number),
    seed: 7,
  });
});

test('without --json only the text goes to stdout, ended by a newline', async () => {
  const json = await run('--seed', '7', '--tokens', '20', '--json');
  const { code, out, err } = await run('--seed', '7', '--tokens', '20');
  expect({ code, out }).toEqual({ code: 0, out: `${String(lines(json.out).at(-1)!['text'])}\n` });
  expect(err).toMatch(/^20 tokens, \d+ tokens\/s, seed 7\n$/);
});

test('the seed it reports gives the same text again', async () => {
  const first = lines((await run('--tokens', '20', '--json')).out).at(-1)!;
  const again = lines((await run('--tokens', '20', '--json', '--seed', String(first['seed']))).out).at(-1)!;
  expect(again['text']).toBe(first['text']);
});

test('temperature 0 is greedy: no seed changes it', async () => {
  const greedy = (seed: string) => run('--temperature', '0', '--tokens', '20', '--seed', seed);
  expect((await greedy('1')).out).toBe((await greedy('2')).out);
});

test('an empty prompt is a text from nothing', async () => {
  const { code, out } = await runIn([generate], ['generate', LM, '--prompt', '', '--seed', '3', '--tokens', '8']);
  expect(code).toBe(0);
  expect(out.length).toBeGreaterThan(1);
});

test('an abort ends it with 130 and what was generated so far', async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Interrupted('SIGINT')), 100);
  const { code, out, err } = await runIn(
    [generate],
    ['generate', LM, '--prompt', 'a', '--tokens', '1000000', '--json', '--engine', 'reference'],
    { signal: stop.signal },
  );
  expect(code).toBe(130);
  expect(err).toMatch(ONE_LINE);
  expect(out).not.toContain('"done"');
});
