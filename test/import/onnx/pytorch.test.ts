/** Models that torch.onnx exported (test/golden/make_onnx.py): float like ONNX Runtime, int8 like float. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Graph } from '../../../src/graph/graph.js';
import { importCheckpoint } from '../../../src/import/checkpoint.js';
import { importModel } from '../../../src/import/model.js';
import { randomSequences } from '../../../src/quantize/calibration.js';
import { quantize, quantizeGraph } from '../../../src/quantize/index.js';
import { floatLogits, GOLDEN, logSoftmax, maxDifference, ModelFolder } from './compare.js';
import { OnnxRuntime, type Feed } from './runtime.js';

let runtime: OnnxRuntime;
let folder: ModelFolder;
beforeAll(() => (runtime = new OnnxRuntime()));
afterAll(() => runtime.close());
beforeEach(() => (folder = new ModelFolder()));
afterEach(() => folder.remove());

const TIME_FIRST = (n: number) => [n, 1];
const BATCH_FIRST = (n: number) => [1, n];
const STATE: Feed = { type: 'float32', dims: [2, 1, 13], data: new Array(26).fill(0) };

interface Case {
  readonly file: string;
  readonly vocabSize: number;
  readonly dims: (n: number) => number[];
  readonly tied?: boolean;
  /** The only length that the model takes. */
  readonly steps?: number;
  readonly states?: Readonly<Record<string, Feed>>;
}

const LANGUAGE_MODELS: readonly Case[] = [
  { file: 'lstm-tied', vocabSize: 23, dims: TIME_FIRST, tied: true },
  { file: 'lstm-tied-batch-first', vocabSize: 23, dims: BATCH_FIRST, tied: true },
  { file: 'lstm-untied', vocabSize: 23, dims: TIME_FIRST },
  { file: 'lstm-untied-batch-first', vocabSize: 23, dims: BATCH_FIRST },
  { file: 'lstm-stateful', vocabSize: 23, dims: TIME_FIRST, states: { h0: STATE, c0: STATE } },
  { file: 'lstm-typed-lists', vocabSize: 23, dims: TIME_FIRST },
  { file: 'lstm-unfolded', vocabSize: 11, dims: BATCH_FIRST, tied: true, steps: 4 },
];
const CLASSIFIERS: readonly Case[] = [
  { file: 'text-cnn', vocabSize: 19, dims: BATCH_FIRST },
  { file: 'text-cnn-norm', vocabSize: 19, dims: BATCH_FIRST },
  { file: 'text-cnn-norm-unfused', vocabSize: 19, dims: BATCH_FIRST },
  { file: 'text-cnn-2d', vocabSize: 19, dims: BATCH_FIRST, steps: 12 },
];
const CASES = [...LANGUAGE_MODELS, ...CLASSIFIERS].map((c) => [c.file, c] as const);

function bytesOf({ file }: Case): Uint8Array {
  return readFileSync(join(GOLDEN, 'onnx', `${file}.onnx`));
}

function importCase(c: Case): Promise<Graph> {
  return importModel(folder.write(bytesOf(c), c.vocabSize));
}

test.each(CASES)('%s gives what ONNX Runtime gives', async (_, c) => {
  const graph = await importCase(c);
  const n = c.steps ?? 17;
  const ids = Array.from({ length: n }, (_, i) => (i * 7 + 3) % c.vocabSize);
  const theirs = await runtime.run(bytesOf(c), { ids: { type: 'int64', dims: c.dims(n), data: ids }, ...c.states });
  const ours = await floatLogits(graph, ids);
  const rows = graph.kind === 'classifier' ? 3 : c.vocabSize;
  // Two of them end in a softmax or log-softmax, which the graph's logits do not have.
  if (c.file === 'text-cnn-2d') expect(maxDifference(logSoftmax(ours, rows).map(Math.exp), theirs)).toBeLessThan(1e-4);
  else if (c.file === 'lstm-stateful') expect(maxDifference(logSoftmax(ours, rows), theirs)).toBeLessThan(1e-4);
  else expect(maxDifference(ours, theirs)).toBeLessThan(1e-4);
  expect(Math.max(...theirs) - Math.min(...theirs)).toBeGreaterThan(0.01); // not all the same
});

test.each(CASES)('%s in int8 stays close to float', async (_, c) => {
  const graph = await importCase(c);
  const { report } = await quantizeGraph(graph, { calibration: randomSequences(graph).slice(0, 4) });
  for (const layer of report.layers) expect(`${layer.name} ${layer.sqnr > 25}`).toBe(`${layer.name} true`);
});

test.each(LANGUAGE_MODELS.map((c) => [c.file, c] as const))('%s is tied if it was in PyTorch', async (_, c) => {
  const { nodes } = await importCase(c);
  const [first, last] = [nodes[0]!, nodes.at(-1)!];
  if (first.op !== 'embedding' || last.op !== 'linear') throw new Error('not a language model');
  expect(first.table === last.weight).toBe(c.tied ?? false);
});

test.each(['lstm-tied', 'lstm-untied', 'text-cnn'])(
  'the image of %s is the same from safetensors and from ONNX',
  async (name) => {
    folder.copy(`${name}/tokenizer.json`);
    folder.copy(`${name}/config.json`);
    const fromOnnx = await quantize(folder.copy(`onnx/${name}.onnx`));
    const fromSafetensors = await quantize(join(GOLDEN, name));
    expect(Buffer.compare(fromOnnx.image, fromSafetensors.image)).toBe(0);
  },
);

test('weights may lie in a file beside the model, and must be there', async () => {
  folder.copy('lstm-untied/tokenizer.json');
  const path = folder.copy('onnx/lstm-external.onnx');
  const data = folder.copy('onnx/lstm-external.bin');
  const external = await importModel(path);
  const inside = await importModel(folder.copy('onnx/lstm-untied.onnx'));
  expect(external.nodes).toEqual(inside.nodes);
  rmSync(data);
  await expect(importModel(path)).rejects.toMatchObject({
    code: 'file_not_found',
    where: data,
    remedy: '"lstm-external.onnx" keeps its weights there: copy both',
  });
});

test('a classifier that is exported for one length gets texts of that length', async () => {
  const graph = await importCase(CLASSIFIERS.at(-1)!);
  expect(graph).toMatchObject({ minTokens: 12, maxTokens: 12, padId: 0, labels: ['0', '1', '2'] });
});

test('what config.json says is taken, and the tokenizer may lie elsewhere', async () => {
  folder.copy('text-cnn/config.json');
  const path = folder.copy('onnx/text-cnn.onnx');
  const graph = await importModel(path, { tokenizer: join(GOLDEN, 'text-cnn/tokenizer.json') });
  const { nodes, ...rest } = await importCheckpoint(join(GOLDEN, 'text-cnn'));
  expect(graph).toMatchObject(rest);
  expect(graph.nodes.map(({ op }) => op)).toEqual(nodes.map(({ op }) => op));
});
