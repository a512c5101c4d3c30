/** `linnet quantize` and `linnet eval --against` on ONNX files. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import evaluate from '../../../src/cli/commands/eval.js';
import quantize from '../../../src/cli/commands/quantize.js';
import { ONE_LINE, runIn } from '../../cli/fake-io.js';
import { GOLDEN, ModelFolder } from './compare.js';

let folder: ModelFolder;
beforeEach(() => (folder = new ModelFolder()));
afterEach(() => folder.remove());

test('quantize puts the image beside the .onnx file, eval compares it with the same file', async () => {
  const model = folder.copy('onnx/lstm-tied.onnx');
  const tokenizer = join(GOLDEN, 'lstm-tied/tokenizer.json');
  const text = join(folder.dir, 'text.txt');
  writeFileSync(text, 'w3 w4 w5 w4 w3 w9 w10 w3');
  const made = await runIn([quantize], ['quantize', model, '--tokenizer', tokenizer, '--eval', text, '--json']);
  expect(made.code).toBe(0);
  const image = join(folder.dir, 'lstm-tied.linnet');
  expect(existsSync(image)).toBe(true);
  const { perplexity } = JSON.parse(made.out) as { perplexity: { int8: number; float: number } };
  expect(perplexity.int8 / perplexity.float).toBeCloseTo(1, 1);
  const against = ['--against', model, '--tokenizer', tokenizer];
  const judged = await runIn([evaluate], ['eval', image, '--text', text, ...against, '--json']);
  expect(JSON.parse(judged.out)).toMatchObject({ perplexity });
});

test('a refusal is one line, and leaves no image', async () => {
  const model = folder.copy('onnx/refused-bidirectional.onnx');
  const { code, err } = await runIn([quantize], ['quantize', model]);
  expect(code).toBe(1);
  expect(err.split('\n').at(-2) + '\n').toMatch(ONE_LINE);
  expect(err).toMatch(/language model with a reverse layer .*node "\/rnn\/LSTM/);
  expect(existsSync(join(folder.dir, 'refused-bidirectional.linnet'))).toBe(false);
});

test.each([
  ['lstm-untied', 23],
  ['gru-lm', 17],
  ['deep-cnn', 19],
  ['bilstm-classifier', 17],
  ['bilstm-packed', 17],
] as const)('what PyTorch exports of %s is quantized with one command', async (name, vocabSize) => {
  const model = folder.write(readFileSync(join(GOLDEN, `onnx/${name}.onnx`)), vocabSize);
  const text = join(folder.dir, 'text.txt');
  writeFileSync(text, 'w3 w4 w5 w4 w3 w9 w10 w3\nw7 w16 w2 w11 w5 w12 w8 w6\n');
  const { code, out, err } = await runIn([quantize], ['quantize', model, '--calibrate', text, '--json']);
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  expect(existsSync(join(folder.dir, 'model.linnet'))).toBe(true);
  const kind = /lm|lstm-untied/.test(name) ? 'language_model' : 'classifier';
  expect(JSON.parse(out)).toMatchObject({ report: { kind } });
});
