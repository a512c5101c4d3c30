/** `linnet quantize --report` in this process, on golden checkpoints. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import quantize from '../../src/cli/commands/quantize.js';
import { ONE_LINE, runIn } from '../cli/fake-io.js';

const CLASSIFIER = 'test/golden/text-cnn';
const LM = 'test/golden/lstm-tied';
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'linnet-report-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (model: string, report: string, ...more: string[]) =>
  runIn([quantize], ['quantize', model, '-o', join(folder, 'x.linnet'), '--report', report, ...more]);

test('it writes the page beside the image, whole, and says so', async () => {
  const report = join(folder, 'x.html');
  const { code, err } = await run(CLASSIFIER, report);
  expect(code).toBe(0);
  expect(err).toContain(`wrote ${report}: open it in a browser\n`);
  expect(readFileSync(report, 'utf8')).toMatch(/^<!doctype html>[^]*<\/html>\s*$/);
  expect(readdirSync(folder).sort()).toEqual(['x.html', 'x.linnet']);
});

test('with --json the object names the page; a language model is judged by perplexity', async () => {
  const [report, text] = [join(folder, 'x.html'), join(folder, 'x.txt')];
  writeFileSync(text, 'w1 w2 w3 w4 w5 w6 w7\n');
  const { code, out } = await run(LM, report, '--json', '--eval', text);
  expect(code).toBe(0);
  const { page, perplexity } = JSON.parse(out) as { page: string; perplexity: { int8: number; float: number } };
  expect(page).toBe(report);
  const shown = readFileSync(report, 'utf8');
  expect(shown).toContain('perplexity');
  for (const x of [perplexity.int8, perplexity.float]) expect(shown).toContain(x.toFixed(x < 10 ? 4 : 3));
});

test('a classifier is judged by accuracy', async () => {
  const [report, labelled] = [join(folder, 'x.html'), join(folder, 'x.tsv')];
  writeFileSync(labelled, 'good\tw1 w2 w3\nbad\tw4 w5 w6\nfair\tw7\n');
  await run(CLASSIFIER, report, '--eval', labelled);
  expect(readFileSync(report, 'utf8')).toMatch(/accuracy[^]*3 labelled examples|3 labelled examples[^]*accuracy/);
});

test.each([
  ['a folder that is not there', (dir: string) => join(dir, 'none', 'x.html'), 'folder does not exist'],
  ['a directory', (dir: string) => dir, 'is a directory'],
])('%s is one line, before anything is written', async (_, place, what) => {
  const { code, out, err } = await run(CLASSIFIER, place(folder));
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(ONE_LINE);
  expect(err).toContain(what);
  expect(err).toContain('--report');
  expect(readdirSync(folder)).toEqual([]);
});

test('a report where the image goes is a usage error', async () => {
  const { code, err } = await run(CLASSIFIER, `${folder}/./x.linnet`);
  expect(code).toBe(2);
  expect(err).toMatch(ONE_LINE);
  expect(existsSync(join(folder, 'x.linnet'))).toBe(false);
});
