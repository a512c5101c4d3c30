/** Random models: the float graph against ONNX Runtime. A failure prints fast-check's seed and the smallest model. */
import fc from 'fast-check';
import { importModel } from '../../../src/import/model.js';
import { floatLogits, logSoftmax, maxDifference, ModelFolder } from './compare.js';
import { cnnShape, recurrentShape, writeCnn, writeRecurrent, type RandomModel } from './random-models.js';
import { graphShape, writeGraph } from './random-graphs.js';
import { OnnxRuntime, type Feed } from './runtime.js';

const RUNS = 80;
const GRAPHS = 600;
/** Of layers, each of which must have been among them. */
const KINDS = 14;
const TOLERANCE = 1e-4;
/** Milliseconds, on a machine that has much else to do. */
const TIMEOUT = 300_000;

let runtime: OnnxRuntime;
let folder: ModelFolder;
beforeAll(() => {
  runtime = new OnnxRuntime();
  folder = new ModelFolder();
});
afterAll(() => {
  runtime.close();
  folder.remove();
});

/** @param ending what was made of the logits */
async function agree(
  { model, ids, idDims, states }: RandomModel,
  vocabSize: number,
  ending: (logits: number[]) => number[],
): Promise<void> {
  const feeds: Record<string, Feed> = { ids: { type: 'int64', dims: idDims, data: ids } };
  for (const [name, data] of Object.entries(states)) feeds[name] = { type: 'float32', dims: [1, 1, data.length], data };
  const theirs = await runtime.run(model, feeds);
  const graph = await importModel(folder.write(model, vocabSize));
  const ours = ending(await floatLogits(graph, ids));
  const largest = theirs.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
  expect(maxDifference(ours, theirs) / largest).toBeLessThan(TOLERANCE);
}

test(`${RUNS} random recurrent language models give what ONNX Runtime gives`, async () => {
  const property = fc.asyncProperty(recurrentShape, (shape) =>
    agree(writeRecurrent(shape), shape.vocabSize, (logits) => {
      if (shape.ending === 'logits') return logits;
      const log = logSoftmax(logits, shape.vocabSize);
      return shape.ending === 'softmax' ? log.map(Math.exp) : log;
    }),
  );
  await fc.assert(property, { numRuns: RUNS });
});

test(`${RUNS} random convolutional classifiers give what ONNX Runtime gives`, async () => {
  const property = fc.asyncProperty(cnnShape, (shape) =>
    agree(writeCnn(shape), shape.vocabSize, (logits) =>
      shape.softmax ? logSoftmax(logits, shape.labels).map(Math.exp) : logits,
    ),
  );
  await fc.assert(property, { numRuns: RUNS });
});

test(
  `${GRAPHS} random classifiers of layers of every kind give what ONNX Runtime gives`,
  async () => {
    const counts = new Map<string, number>();
    const property = fc.asyncProperty(graphShape, async (shape) => {
      const { model, texts, layers } = writeGraph(shape);
      for (const layer of layers) counts.set(layer, (counts.get(layer) ?? 0) + 1);
      const graph = await importModel(folder.write(model, shape.vocabSize));
      for (const ids of texts) {
        const theirs = await runtime.run(model, { ids: { type: 'int64', dims: [1, ids.length], data: ids } });
        const largest = theirs.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
        expect(maxDifference(await floatLogits(graph, ids), theirs) / largest).toBeLessThan(TOLERANCE);
      }
    });
    await fc.assert(property, { numRuns: GRAPHS });
    expect(counts.size).toBe(KINDS);
    expect(Math.min(...counts.values())).toBeGreaterThan(20);
  },
  TIMEOUT,
);
