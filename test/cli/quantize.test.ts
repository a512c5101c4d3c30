/** `linnet quantize` in this process. */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import quantize from '../../src/cli/commands/quantize.js';
import { openImage } from '../../src/image/read.js';
import { runIn } from './fake-io.js';

const CLASSIFIER = 'models/sst2-textcnn';
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'linnet-quantize-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('it writes a valid image and reports layers, sizes, RAM and quality', async () => {
  const output = join(folder, 'x.linnet');
  const labelled = join(folder, 'x.tsv');
  writeFileSync(labelled, 'positive\ta gorgeous, witty film\n0\tdull and far too long\n');
  const { code, out } = await runIn([quantize], ['quantize', CLASSIFIER, '-o', output, '--eval', labelled, '--json']);
  expect(code).toBe(0);
  const bytes = readFileSync(output);
  const image = openImage(bytes, output);
  expect(image.labels).toEqual(['negative', 'positive']);
  const result = JSON.parse(out) as Record<string, unknown>;
  expect(result).toMatchObject({
    image: output,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    ram: { netduinoplus2: expect.any(Number) },
    examples: 2,
    accuracy: { int8: 1, float: 1 },
  });
  const { layers } = result['report'] as { layers: { sqnr: number }[] };
  expect(layers).toHaveLength(image.ops.length);
  for (const { sqnr } of layers) expect(sqnr).toBeGreaterThan(25);
});

test('without -o the image lies beside the checkpoint, under its name', async () => {
  const checkpoint = join(folder, 'critic');
  mkdirSync(checkpoint);
  for (const file of ['config.json', 'model.safetensors', 'tokenizer.json', 'calibration.txt'])
    copyFileSync(join(CLASSIFIER, file), join(checkpoint, file));
  const { code, err } = await runIn([quantize], ['quantize', `${checkpoint}/`]);
  expect(code).toBe(0);
  expect(err).toContain(`wrote ${join(checkpoint, 'critic.linnet')}`);
  expect(existsSync(join(checkpoint, 'critic.linnet'))).toBe(true);
  expect(readdirSync(checkpoint).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('a model of fastText is one file; the image lies beside it', async () => {
  const model = join(folder, 'tiny.bin');
  copyFileSync('test/golden/fasttext-bin/model.bin', model);
  writeFileSync(join(folder, 'calibration.txt'), 'the cat is red .\nwhere is the river ?\nnaïve is naïve\n');
  const labelled = join(folder, 'x.tsv');
  writeFileSync(labelled, 'answer\tthe book is red .\nquestion\twhere is the café ?\n');
  const { code, out } = await runIn([quantize], ['quantize', model, '--eval', labelled, '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ image: join(folder, 'tiny.linnet'), accuracy: { int8: 1, float: 1 } });
  const { code: failed, err } = await runIn([quantize], ['quantize', 'test/golden/fasttext-bin/model.ftz']);
  expect([failed, err]).toEqual([
    1,
    expect.stringMatching(/^linnet: fastText has quantized it .*: give the \.bin .*\n$/),
  ]);
});

test('equal input gives equal bytes, other calibration other bytes', async () => {
  const text = join(folder, 'calibration.txt');
  writeFileSync(text, 'a film\nanother film, quite good\n');
  const bytes: string[] = [];
  for (const extra of [[], [], ['--calibrate', text]]) {
    await runIn([quantize], ['quantize', CLASSIFIER, '-o', join(folder, 'x.linnet'), ...extra]);
    bytes.push(readFileSync(join(folder, 'x.linnet'), 'base64'));
  }
  expect(bytes[1]).toBe(bytes[0]);
  expect(bytes[2]).not.toBe(bytes[0]);
});

test('for people it is a table of layers, the sizes and what each board needs', async () => {
  const { out } = await runIn([quantize], ['quantize', CLASSIFIER, '-o', join(folder, 'x.linnet')]);
  expect(out).toMatch(/^layer +op +output +parameters +bytes +SQNR dB +clipped$/m);
  expect(out).toMatch(/^convs\.0 +conv +100 +33,700 +34,500 +\d\d\.\d/m);
  expect(out).toMatch(/^netduinoplus2 .* fits$/m);
  expect(out).toMatch(/^calibrated on [\d,]+ tokens, calibration\.txt of the checkpoint$/m);
});

test('a bad evaluation file is found before anything is written', async () => {
  const { code } = await runIn(
    [quantize],
    ['quantize', CLASSIFIER, '-o', join(folder, 'x.linnet'), '--eval', join(folder, 'none')],
  );
  expect(code).toBe(1);
  expect(readdirSync(folder)).toEqual([]);
});
