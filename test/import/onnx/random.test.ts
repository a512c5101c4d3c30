/** Random models: the float graph against ONNX Runtime. A failure prints fast-check's seed and the smallest model. */
import fc from 'fast-check';
import { importModel } from '../../../src/import/model.js';
import { randomSequences } from '../../../src/quantize/calibration.js';
import { quantizeGraph } from '../../../src/quantize/index.js';
import { floatLogits, logSoftmax, maxDifference, ModelFolder } from './compare.js';
import { cnnShape, lstmShape, writeCnn, writeLstm, type RandomModel } from './random-models.js';
import { OnnxRuntime, type Feed } from './runtime.js';

const RUNS = 300;
const QUANTIZED = 60;
const TOLERANCE = 1e-4;

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

test(`${RUNS} random LSTM language models give what ONNX Runtime gives`, async () => {
  const property = fc.asyncProperty(lstmShape, (shape) =>
    agree(writeLstm(shape), shape.vocabSize, (logits) => {
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

test(`${QUANTIZED} random models of either kind keep their logits in int8`, async () => {
  // Sums of one or two terms can cancel to anything; real layers have more.
  const model = fc.oneof(
    lstmShape
      .filter(({ hiddenSizes, embeddingSize }) => Math.min(embeddingSize, ...hiddenSizes) >= 4)
      .map((shape) => ({ ...shape, ...writeLstm(shape) })),
    cnnShape
      .filter(({ channels, filters }) => Math.min(channels, filters) >= 4)
      .map((shape) => ({ ...shape, ...writeCnn(shape) })),
  );
  const property = fc.asyncProperty(model, async ({ model, vocabSize }) => {
    const graph = await importModel(folder.write(model, vocabSize));
    const { report } = await quantizeGraph(graph, { calibration: randomSequences(graph).slice(0, 4) });
    expect(report.layers.findLast(({ op }) => op === 'linear')!.sqnr).toBeGreaterThan(15);
  });
  await fc.assert(property, { numRuns: QUANTIZED });
});
