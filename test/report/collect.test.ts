/** The data of the report, of every kind of model. */
import { knownBoards } from '../../src/boards/registry.js';
import { load } from '../../src/engine/load.js';
import { openImage } from '../../src/image/read.js';
import { collectReport, measureSpeed, piecesOf, renderReport } from '../../src/report/index.js';
import { dequantize, weightsOf } from '../../src/report/layer-weights.js';
import { needOn } from '../../src/report/summary.js';
import { countWork } from '../../src/report/work.js';
import type { QuantizedModel } from '../../src/quantize/index.js';
import { GOLDEN, quantizedGolden } from './models.js';

const boards = knownBoards();
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

describe.each(GOLDEN)('%s', (name) => {
  let model: QuantizedModel;
  beforeAll(async () => (model = await quantizedGolden(name)));

  test('dequantized weights are within half a unit of the float ones', () => {
    const { lowered, image } = model;
    const opened = openImage(image, name);
    const matrices = lowered.nodes.flatMap((node, i) => weightsOf(node, opened.ops[i]!, opened));
    expect(matrices.length).toBeGreaterThan(0);
    for (const matrix of matrices) {
      const { float, integers, scales } = matrix;
      expect(integers).toHaveLength(float.length);
      const columns = float.length / scales.length;
      dequantize(matrix).forEach((x, i) => {
        const scale = scales[Math.floor(i / columns)]!;
        if (Math.abs(integers[i]!) < 127) expect(Math.abs(x - float[i]!)).toBeLessThanOrEqual(0.5001 * scale);
      });
    }
  });

  test('every weight and every activation is counted once', async () => {
    const data = await collectReport(model, { boards });
    expect(data.layers.map((layer) => layer.name)).toEqual(model.lowered.nodes.map((node) => node.output));
    const weights = data.layers.flatMap((layer) => layer.weights);
    for (const { counts, rows, columns } of weights) expect(sum(counts)).toBe(rows * columns);
    const biases = data.parameters - sum(weights.map(({ rows, columns }) => rows * columns));
    expect(biases).toBeGreaterThanOrEqual(0);
    expect(data.bytes.weights).toBe(sum(weights.map(({ rows, columns }) => rows * columns)));
    for (const layer of data.layers) expect(sum(layer.activation.counts)).toBe(model.ranges.get(layer.name)!.total);
    const image = openImage(model.image, name);
    expect(data.boards.map(({ name, need }) => [name, need])).toEqual(boards.map((b) => [b.name, needOn(b, image)]));
  });

  test('equal models give equal pages', async () => {
    const again = await quantizedGolden(name);
    const [a, b] = [await collectReport(model, { boards }), await collectReport(again, { boards })];
    expect(renderReport(b)).toBe(renderReport(a));
  });
});

test('a tied table is shown once, and named where it is used again', async () => {
  const { layers } = await collectReport(await quantizedGolden('lstm-tied'), { boards });
  expect(layers[0]!.weights).toHaveLength(1);
  expect(layers.at(-1)).toMatchObject({ weights: [], tiedTo: layers[0]!.name });
});

test('work of a language model: all matrices once a token', async () => {
  const { image, lowered } = await quantizedGolden('lstm-untied');
  const opened = openImage(image, 'x');
  const size = (weight: { data: Float32Array }) => weight.data.length;
  const expected = lowered.nodes.map((node) =>
    'recurrentWeight' in node
      ? size(node.inputWeight) + size(node.recurrentWeight)
      : 'weight' in node
        ? size(node.weight)
        : 0,
  );
  expect(countWork(opened, [])).toEqual([{ of: 'token', tokens: 1, layers: expected, total: sum(expected) }]);
});

test('work of a classifier: convolutions at every step, the last layer once', async () => {
  const { image } = await quantizedGolden('text-cnn'); // 5 channels, widths 2, 3, 5 of 7 filters, at most 12 tokens, 3 labels
  const macs = (tokens: number) =>
    [2, 3, 5].reduce((total, width) => total + (tokens - width + 1) * 7 * width * 5, 0) + 3 * 21;
  const [typical, longest] = countWork(openImage(image, 'x'), [1, 2, 3, 4, 5, 6, 7]);
  expect(typical).toMatchObject({ of: 'typical sentence', tokens: 7, total: macs(7) });
  expect(longest).toMatchObject({ of: 'longest sentence', tokens: 12, total: macs(12) });
  const [padded] = countWork(openImage(image, 'x'), [1]);
  expect(padded).toMatchObject({ tokens: 5, total: macs(5) });
});

test('work of a recurrent classifier grows with the tokens', async () => {
  const { image, lowered } = await quantizedGolden('rnn-classifier');
  const [short, longest] = countWork(openImage(image, 'x'), [1, 2]);
  const at = lowered.nodes.findIndex(({ op }) => op === 'rnn');
  expect(longest!.layers[at]).toBe((short!.layers[at]! * longest!.tokens) / 2);
});

test.each(['text-cnn', 'lstm-tied', 'rnn-lm'])('%s is timed with texts that it takes', async (name) => {
  const model = await quantizedGolden(name);
  const texts = piecesOf(model);
  expect(texts.length).toBeGreaterThan(0);
  const engine = await load(model.image);
  const speed = (await measureSpeed(engine, texts))!;
  await engine.close();
  expect(speed.unit).toBe(model.lowered.kind === 'classifier' ? 'sentences' : 'tokens');
  expect(speed.count).toBeGreaterThan(0);
  expect(speed.seconds).toBeGreaterThan(0.4);
  expect(speed.tokensEach).toBeGreaterThanOrEqual(1);
});

test('a language model without a first token of its own is timed too, and one without any text is not', async () => {
  const model = await quantizedGolden('lstm-tied', ({ bosId: _, ...graph }) => graph);
  const engine = await load(model.image);
  expect((await measureSpeed(engine, piecesOf(model)))!.count).toBeGreaterThan(0);
  expect(await measureSpeed(engine, [])).toBeUndefined();
  await engine.close();
});
