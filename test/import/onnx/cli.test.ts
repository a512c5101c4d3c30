/** `linnet quantize` and `linnet eval --against` on ONNX files. */
import { existsSync, writeFileSync } from 'node:fs';
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
  expect(err).toMatch(/direction is bidirectional .*node "\/rnn\/LSTM"/);
  expect(existsSync(join(folder.dir, 'refused-bidirectional.linnet'))).toBe(false);
});
