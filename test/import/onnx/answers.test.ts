/** Models that PyTorch exported, with PyTorch's own logits (test/golden/make_onnx.py): one command, no hand edits. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FloatModel } from '../../../src/graph/float-model.js';
import { importModel } from '../../../src/import/model.js';
import { randomSequences } from '../../../src/quantize/calibration.js';
import { quantizeGraph } from '../../../src/quantize/index.js';
import { floatLogits, GOLDEN, logSoftmax, maxDifference, ModelFolder } from './compare.js';

interface Answer {
  readonly ids: readonly number[];
  /** [labels], or [steps, vocab_size] */
  readonly logits: readonly number[];
}

const ANSWERS = JSON.parse(readFileSync(join(GOLDEN, 'onnx/answers.json'), 'utf8')) as Readonly<Record<string, Answer>>;
const VOCAB_SIZES: Readonly<Record<string, number>> = { 'deep-cnn': 19, 'deep-cnn-2d': 19, 'flat-cnn': 19 };
const NAMES = Object.keys(ANSWERS);

let folder: ModelFolder;
beforeEach(() => (folder = new ModelFolder()));
afterEach(() => folder.remove());

function importNamed(name: string) {
  const model = readFileSync(join(GOLDEN, 'onnx', `${name}.onnx`));
  return importModel(folder.write(model, VOCAB_SIZES[name] ?? 17));
}

test.each(NAMES)('%s gives what PyTorch gave', async (name) => {
  const graph = await importNamed(name);
  const { ids, logits } = ANSWERS[name]!;
  const ours = await floatLogits(graph, ids);
  const ending = name === 'deep-cnn' ? logSoftmax(ours, ours.length) : ours;
  expect(maxDifference(ending, logits)).toBeLessThan(1e-4);
  expect(Math.max(...logits) - Math.min(...logits)).toBeGreaterThan(0.01); // not all the same
});

test.each(NAMES)('%s in int8 stays close to float', async (name) => {
  const graph = await importNamed(name);
  const { report } = await quantizeGraph(graph, { calibration: randomSequences(graph).slice(0, 8) });
  const logits = report.layers.findLast(({ op }) => op === 'linear')!;
  expect(logits.sqnr).toBeGreaterThan(20);
});

const OPS: Readonly<Record<string, readonly string[]>> = {
  'gru-lm': ['embedding', 'gru', 'gru', 'linear'],
  'bilstm-classifier': 'embedding lstm lstm concat lstm lstm last_step last_step concat linear softmax'.split(' '),
  'rnn-classifier': ['embedding', 'rnn', 'rnn', 'last_step', 'linear', 'softmax'],
  'bigru-mean': ['embedding', 'gru', 'gru', 'concat', 'pool', 'linear', 'softmax'],
  'bigru-halves': ['embedding', 'gru', 'gru', 'last_step', 'last_step', 'concat', 'linear', 'softmax'],
  'lstm-cnn': ['embedding', 'lstm', 'lstm', 'concat', 'conv', 'conv', 'pool', 'pool', 'concat', 'linear', 'softmax'],
  'deep-cnn': 'embedding conv pool conv conv conv add conv pool pool linear softmax'.split(' '),
  'deep-cnn-2d': 'embedding conv conv pool conv pool linear linear softmax'.split(' '),
  'flat-cnn': ['embedding', 'conv', 'pool', 'conv', 'pool', 'linear', 'softmax'],
};

test.each(Object.entries(OPS))('%s becomes no more layers than it needs', async (name, ops) => {
  const { nodes } = await importNamed(name);
  expect(nodes.map(({ op }) => op)).toEqual(ops);
});

test('lengths that a model is given are those of the text', async () => {
  const graph = await importNamed('bilstm-packed');
  expect(graph).toMatchObject({ kind: 'classifier', minTokens: 1 });
  const float = new FloatModel(graph);
  // Without padding, the text is all there is.
  expect(float.logits([3, 10])).not.toEqual(float.logits([3, 10, 0]));
});
