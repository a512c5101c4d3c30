/** The promise of the project: the same integers everywhere. Every target runs as a user would run it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findBoard } from '../../src/boards/registry.js';
import { openImage } from '../../src/image/read.js';
import { needOn } from '../../src/report/summary.js';
import { CLASSIFIER, corpus, linnetJson, LM, ROOT, WORD_LM } from './child.js';

const SENTENCES = 50;
/** Emulators take their time. */
const SENTENCES_ON_BOARDS = 16;
// By name too, where the processor has it, so that "auto" cannot hide that it fell back.
const cpu = readFileSync('/proc/cpuinfo', 'utf8');
/** One of each kind of emulator, and one with room for WORD_LM: all boards are in test/boards/suite. */
const EMULATED = ['host', 'netduinoplus2', 'mps2-an386', 'pico'];
const TARGETS: readonly (readonly string[])[] = [
  ['--engine', 'native', '--kernels', 'reference'],
  ['--engine', 'native', '--kernels', 'auto'],
  ['--engine', 'reference'],
  ...EMULATED.map((name) => ['--board', name]),
  ...(cpu.includes(' avx2') ? [['--engine', 'native', '--kernels', 'avx2']] : []),
  ...(cpu.includes(' avx_vnni') ? [['--engine', 'native', '--kernels', 'avxvnni']] : []),
  ...(cpu.includes(' avx512_vnni') ? [['--engine', 'native', '--kernels', 'avx512vnni']] : []),
];

jest.setTimeout(180_000);

interface Line {
  readonly type: 'token' | 'done';
  readonly id?: number;
  readonly text: string;
  readonly tokens?: number;
}

/** Sentences the classifier was not trained on: SST-2's test split, or the few that ship with the model. */
function sentences(): string[] {
  const test = corpus('sentences/stsa.binary.test.gz');
  const lines = test
    ? test.split('\n').map((line) => line.replace(/^\d /, ''))
    : readFileSync(join(ROOT, 'models/sst2-textcnn/calibration.txt'), 'utf8').split('\n');
  return lines.filter(Boolean).slice(0, SENTENCES);
}

const hasRoom = (image: string) => (target: readonly string[]) =>
  target[0] !== '--board' || needOn(findBoard(target[1]!), openImage(readFileSync(join(ROOT, image)), image)).fits;

describe.each([
  [LM, 'Once upon a time', 64],
  [WORD_LM, 'the company said', 24],
])('generate %s --seed 7 --temperature 0.8', (image, prompt, count) => {
  const targets = TARGETS.filter(hasRoom(image));
  const generate = (seed: number, ...target: string[]) =>
    linnetJson<Line>([
      ...['generate', image, '--prompt', prompt, '--seed', `${seed}`],
      ...['--temperature', '0.8', '--tokens', `${count}`, ...target],
    ]);
  let expected: Line[];
  beforeAll(async () => {
    expected = await generate(7, ...TARGETS[0]!);
  });

  test('gives as many tokens as wanted, whose texts join to the text of "done"', () => {
    const done = expected.at(-1)!;
    const tokens = expected.slice(0, -1);
    expect(tokens).toHaveLength(count);
    expect(done).toMatchObject({ type: 'done', tokens: count, text: tokens.map(({ text }) => text).join('') });
  });

  test('another seed gives another text', async () => {
    expect((await generate(8)).at(-1)!.text).not.toBe(expected.at(-1)!.text);
  });

  test('an emulated board has room for it', () => {
    expect(targets.filter(([option]) => option === '--board').length).toBeGreaterThanOrEqual(2);
  });

  test.each(targets.slice(1))('gives the same ids and text with %s %s %s %s', async (...target) => {
    const lines = await generate(7, ...target.filter(Boolean));
    expect(lines.slice(0, -1)).toEqual(expected.slice(0, -1));
    expect(lines.at(-1)!.text).toBe(expected.at(-1)!.text);
  });
});

describe('classify', () => {
  const texts = sentences();
  const classify = (lines: readonly string[], ...target: string[]) =>
    linnetJson(['classify', CLASSIFIER, ...target], lines.join('\n'));
  let expected: unknown[];
  beforeAll(async () => {
    expected = await classify(texts, ...TARGETS[0]!);
  });

  test('answers every line of standard input, in order', () => {
    expect(expected.map((line) => (line as { text: string }).text)).toEqual(texts);
    expect(texts.length).toBeGreaterThanOrEqual(30);
  });

  test.each(TARGETS.filter(hasRoom(CLASSIFIER)).slice(1))(
    'gives the same labels and scores with %s %s %s %s',
    async (...target) => {
      const count = target[0] === '--board' && target[1] !== 'host' ? SENTENCES_ON_BOARDS : texts.length;
      expect(await classify(texts.slice(0, count), ...target.filter(Boolean))).toEqual(expected.slice(0, count));
    },
  );
});
