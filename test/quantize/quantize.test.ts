/** Whole checkpoints → images: what the format and docs/numerics.md demand, and how close int8 comes to float. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nativeFloatKernels } from '../../src/engine/native-addon.js';
import type { ConcatNode, EmbeddingNode, Graph, LinearNode, LstmNode, Node, Weight } from '../../src/graph/graph.js';
import type { BufferSpec, ConstantSpec, DenseSpec, ImageContent, OpSpec } from '../../src/image/content.js';
import { PER_TOKEN } from '../../src/image/time.js';
import { openImage } from '../../src/image/read.js';
import { importCheckpoint } from '../../src/import/checkpoint.js';
import { randomSequences } from '../../src/quantize/calibration.js';
import { quantize, quantizeGraph } from '../../src/quantize/index.js';

const GOLDEN = join(__dirname, '../golden');
const NAMES = [
  'lstm-tied',
  'lstm-untied',
  'gru-lm',
  'rnn-lm',
  'text-cnn',
  'text-cnn-deep',
  'text-cnn-average',
  'text-cnn-lp',
  'rnn-classifier',
  'rnn-max',
  'gru-classifier',
  'bilstm-classifier',
  'bigru-classifier',
  'lstm-cnn',
  'bigru-cnn',
  'fasttext',
] as const;

/** Enough for models this small. */
function calibrationOf(graph: Graph): number[][] {
  return randomSequences(graph).slice(0, graph.kind === 'classifier' ? 64 : 2);
}

async function quantizeGolden(name: string, change: (graph: Graph) => Graph = (graph) => graph) {
  const graph = change(await importCheckpoint(join(GOLDEN, name)));
  return { graph, ...(await quantizeGraph(graph, { calibration: calibrationOf(graph) })) };
}

function opOf<K extends OpSpec['op']>(content: ImageContent, op: K, nth = 0): Extract<OpSpec, { op: K }> {
  return content.ops.filter((o) => o.op === op)[nth] as Extract<OpSpec, { op: K }>;
}

const constant = (content: ImageContent, id: number) => content.tensors[id] as ConstantSpec;
const buffer = (content: ImageContent, id: number) => content.tensors[id] as BufferSpec;

function matrices(content: ImageContent): DenseSpec[] {
  return content.ops.flatMap((op) =>
    'inputWeights' in op ? [op.inputWeights, op.recurrentWeights] : 'weights' in op ? [op.weights] : [],
  );
}

describe.each(NAMES)('%s', (name) => {
  test('passes the validator, twice with the same bytes', async () => {
    const { image, content } = await quantizeGolden(name);
    const opened = openImage(image, name);
    expect(opened.kind).toBe(content.kind);
    expect(opened.ops.map(({ op }) => op)).toEqual(content.ops.map(({ op }) => op));
    expect((await quantizeGolden(name)).image).toEqual(image);
  });

  test('every row is proved: |bias| + 128 Σ|w| < 2^31, multipliers and shifts in range', async () => {
    const { content } = await quantizeGolden(name);
    expect(matrices(content).length).toBeGreaterThan(name === 'fasttext' ? 0 : 2);
    for (const ids of matrices(content)) {
      const [weight, multiplier, shift] = [ids.weight, ids.multiplier, ids.shift].map(
        (id) => constant(content, id).data,
      );
      const rows = multiplier!.length;
      const columns = weight!.length / rows;
      for (let r = 0; r < rows; r++) {
        const row = Array.from(weight!.subarray(r * columns, (r + 1) * columns));
        expect(Math.max(...row.map(Math.abs))).toBe(127);
        const bias = ids.bias === undefined ? 0 : constant(content, ids.bias).data[r]!;
        expect(row.reduce((sum, w) => sum + 128 * Math.abs(w), Math.abs(bias))).toBeLessThan(2 ** 31);
        expect(multiplier![r]).toBeGreaterThanOrEqual(2 ** 30);
        expect(shift![r]! >= 17 && shift![r]! <= 62).toBe(true);
      }
    }
  });

  test('integers follow float closely in every layer', async () => {
    const { report } = await quantizeGolden(name);
    for (const layer of report.layers) {
      expect(layer.sqnr).toBeGreaterThan(25);
      expect(layer.clipped).toBeLessThan(0.01);
    }
  });

  test('the report accounts for every byte and parameter', async () => {
    const { graph, image, content, report } = await quantizeGolden(name);
    const { total, ...uses } = report.bytes;
    expect(total).toBe(image.length);
    expect(Object.values(uses).reduce((a, b) => a + b)).toBe(total);
    expect(Math.min(...Object.values(uses))).toBeGreaterThan(0);
    const weights = new Set<Weight>();
    for (const node of graph.nodes)
      for (const field of Object.values(node))
        if (typeof field === 'object' && 'data' in field) weights.add(field as Weight);
    const parameters = [...weights].reduce((sum, w) => sum + w.data.length, 0);
    expect(report.parameters).toBe(parameters);
    expect(report.layers.reduce((sum, layer) => sum + layer.parameters, 0)).toBe(parameters);
    expect(content.metadata).toMatchObject({
      parameters,
      quantizer_version: 2,
      model_type: graph.metadata['model_type'],
    });
  });
});

describe('a language model', () => {
  test('never stores its logits, keeps Q0.7 and Q15.16 states and knows its RAM exactly', async () => {
    const { content } = await quantizeGolden('lstm-tied');
    const logits = buffer(content, opOf(content, 'linear').output);
    expect(logits).toMatchObject({
      dtype: 'i16',
      dims: [1, 23],
      time: PER_TOKEN,
      offset: 0,
      scale: 2 ** -content.logitFrac,
    });
    const lstm = opOf(content, 'lstm', 1);
    expect(buffer(content, lstm.hidden)).toMatchObject({ kind: 'state', dtype: 'i8', dims: [13], scale: 1 / 128 });
    expect(buffer(content, lstm.cell)).toMatchObject({ kind: 'state', dtype: 'i32', dims: [13], scale: 2 ** -16 });
    expect(content.stateBytes).toBe(2 * (16 + 64));
    expect(content.scratchBytes).toBe(2 * 16); // two rows of 13 bytes live at once
  });

  test('a tied table is stored once and rescaled to one scale', async () => {
    const { graph, content } = await quantizeGolden('lstm-tied');
    const embedding = opOf(content, 'embedding');
    expect(opOf(content, 'linear').weights.weight).toBe(embedding.table);
    const table = (graph.nodes[0] as EmbeddingNode).table.data;
    const stored = constant(content, embedding.table).data;
    const { scale } = buffer(content, embedding.output);
    const [multiplier, shift] = [embedding.multiplier!, embedding.shift!].map((id) => constant(content, id).data);
    for (let i = 0; i < table.length; i++) {
      const id = Math.floor(i / 13);
      const rescaled = Math.round((stored[i]! * multiplier![id]!) / 2 ** shift![id]!) * scale!;
      const clip = 127 * scale!;
      const wanted = Math.max(-clip, Math.min(clip, table[i]!));
      expect(Math.abs(rescaled - wanted)).toBeLessThanOrEqual(scale! * 1.01);
    }
  });

  test('an untied table needs no rescaling', async () => {
    const { content } = await quantizeGolden('lstm-untied');
    const embedding = opOf(content, 'embedding');
    expect(embedding.multiplier).toBeUndefined();
    expect(constant(content, embedding.table).scale).toBe(buffer(content, embedding.output).scale);
  });

  test('rows of zeros, with and without bias, and a huge bias survive', async () => {
    const { graph, content, image } = await quantizeGolden('lstm-untied', (graph) => {
      const decoder = graph.nodes[3] as LinearNode;
      decoder.weight.data.fill(0, 0, 3 * 13);
      decoder.bias.data.set([0, 0.5, 1e-12]);
      const lstm = graph.nodes[1] as LstmNode;
      lstm.inputWeight.data.fill(1e-7, 0, 11);
      lstm.bias.data[0] = 7;
      return graph;
    });
    expect(() => openImage(image, graph.name)).not.toThrow();
    const { weights } = opOf(content, 'linear');
    const multiplier = constant(content, weights.multiplier).data;
    expect([multiplier[0], multiplier[2]]).toEqual([0, 0]);
    const real = multiplier[1]! / 2 ** constant(content, weights.shift).data[1]!;
    expect(Math.round(constant(content, weights.bias!).data[1]! * real)).toBe(0.5 * 2 ** content.logitFrac);
  });

  test('logits get as many fraction bits as fit with half as much again in reserve', async () => {
    for (const [factor, frac] of [
      [1, 10],
      [200, 10],
    ] as const) {
      const { content, report } = await quantizeGolden('lstm-untied', (graph) => {
        const decoder = graph.nodes[3] as LinearNode;
        decoder.weight.data.forEach((w, i) => (decoder.weight.data[i] = w * factor));
        return graph;
      });
      const { maxAbs } = report.layers[3]!;
      const fits = (bits: number) => maxAbs * 1.5 * 2 ** bits <= 32767;
      expect(content.logitFrac).toBeLessThanOrEqual(frac);
      expect(fits(content.logitFrac)).toBe(true);
      expect(content.logitFrac === 10 || !fits(content.logitFrac + 1)).toBe(true);
      if (factor > 1) expect(content.logitFrac).toBeLessThan(10);
    }
  });

  test('logits beyond int16 are refused by name', async () => {
    const huge = quantizeGolden('lstm-untied', (graph) => {
      (graph.nodes[3] as LinearNode).bias.data.fill(30_000);
      return graph;
    });
    await expect(huge).rejects.toMatchObject({ code: 'unsupported_model', where: 'layer "decoder"' });
  });
});

test('the inputs of a concatenation share one scale, and filters leave the largest of all steps', async () => {
  const { content } = await quantizeGolden('text-cnn');
  const concat = opOf(content, 'concat');
  const scales = new Set([...concat.inputs, concat.output].map((id) => buffer(content, id).scale));
  expect(scales.size).toBe(1);
  expect([0, 1, 2].map((i) => opOf(content, 'conv', i).overTime)).toEqual(['largest', 'largest', 'largest']);
  expect([0, 1, 2].map((i) => buffer(content, opOf(content, 'conv', i).output).dims)).toEqual([[7], [7], [7]]);
  expect(buffer(content, opOf(content, 'softmax').output)).toMatchObject({ dtype: 'u16', dims: [3], scale: 2 ** -15 });
});

describe('recurrent layers', () => {
  test('a GRU keeps Q0.7 beside Q1.30, and only resets a bias of its own with reset after', async () => {
    const { content } = await quantizeGolden('gru-lm');
    const gru = opOf(content, 'gru', 1);
    expect(gru).toMatchObject({ reset: 'after', direction: 'forward' });
    expect(buffer(content, gru.hidden)).toMatchObject({ kind: 'state', dtype: 'i8', dims: [13], scale: 2 ** -7 });
    expect(buffer(content, gru.wide)).toMatchObject({ kind: 'state', dtype: 'i32', dims: [13], scale: 2 ** -30 });
    expect([...constant(content, gru.recurrentWeights.bias!).data.subarray(0, 26)]).toEqual(new Array(26).fill(0));
    const before = opOf((await quantizeGolden('gru-classifier')).content, 'gru');
    expect(before.reset).toBe('before');
    expect(before.recurrentWeights.bias).toBeUndefined();
  });

  test('both directions are joined at every step, and each ends where it ends', async () => {
    const { content } = await quantizeGolden('bilstm-classifier');
    expect([0, 1, 2, 3].map((i) => opOf(content, 'lstm', i).direction)).toEqual([
      ...['forward', 'reverse'],
      ...['forward', 'reverse'],
    ]);
    expect(buffer(content, opOf(content, 'concat').output)).toMatchObject({
      dims: [12, 18],
      time: PER_TOKEN,
      scale: 2 ** -7,
    });
    expect([0, 1].map((i) => opOf(content, 'last_step', i).direction)).toEqual(['forward', 'reverse']);
    expect(buffer(content, opOf(content, 'concat', 1).output)).toMatchObject({ dims: [18], time: undefined });
  });

  test('a concatenation of values of several scales rescales the finer ones', async () => {
    const { content, report } = await quantizeGolden('bigru-cnn', (graph) => ({
      ...graph,
      nodes: graph.nodes.map((node): Node => {
        if (node.output === 'rnn') return { ...node, inputs: ['rnn.0.forward', 'embedding'] } as ConcatNode;
        // Rows for the forward half and the embedding: 7 + 6 instead of 7 + 7 channels.
        if (node.op !== 'conv') return node;
        const [filters, width] = node.weight.shape as [number, number];
        const data = node.weight.data.filter((_, i) => i % 14 < 13);
        return { ...node, weight: { ...node.weight, shape: [filters, width, 1, 13], data } };
      }),
    }));
    const concat = opOf(content, 'concat');
    expect(new Set([...concat.inputs, concat.output].map((id) => buffer(content, id).scale)).size).toBe(1);
    const rescaled = opOf(content, 'conv');
    expect(rescaled).toMatchObject({ channels: 1, kernel: [1, 1], groups: 1, activation: 'none' });
    expect(concat.inputs).toContain(rescaled.output);
    report.layers.forEach(({ sqnr }) => expect(sqnr).toBeGreaterThan(25));
  });
});

test('a mean has as many more bits as the spread of its values leaves free, at most 7', async () => {
  const graph = await importCheckpoint(join(GOLDEN, 'fasttext'));
  const { data } = (graph.nodes[0] as EmbeddingNode).table;
  data.fill(1).fill(-0.8, 6 * 6, 7 * 6);
  const { content } = await quantizeGraph(graph, { calibration: [[5, 6]] });
  const { gain, input, output } = opOf(content, 'pool');
  expect(gain).toBe(3); // the mean is 0.1, the table reaches 1: 2³ fits between
  expect(buffer(content, output).scale).toBe(buffer(content, input).scale! / 2 ** gain);
  // One huge token that calibration never met: the mean of the others may gain all the bits there are.
  data.fill(1000, 0, 6);
  const { content: wide } = await quantizeGraph(graph, { calibration: [[5, 6]] });
  expect(opOf(wide, 'pool').gain).toBe(7);
});

test('no calibration tokens are refused', async () => {
  const graph = await importCheckpoint(join(GOLDEN, 'text-cnn'));
  for (const calibration of [[], [[]]])
    await expect(quantizeGraph(graph, { calibration })).rejects.toMatchObject({ code: 'input_empty' });
});

const kernels = nativeFloatKernels();
const ifBuilt = kernels ? test : test.skip;
ifBuilt('the native kernels lead to the same image (needs "npm run build:native")', async () => {
  for (const name of NAMES) {
    const graph = await importCheckpoint(join(GOLDEN, name));
    const { image } = await quantizeGraph(graph, { calibration: calibrationOf(graph), kernels });
    expect(image).toEqual((await quantizeGolden(name)).image);
  }
});

describe('calibration comes', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'linnet-calibration-'));
    cpSync(join(GOLDEN, 'text-cnn'), dir, { recursive: true });
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  test('from random tokens if there is no text, always the same', async () => {
    const { image, report } = await quantize(dir);
    expect(report.calibration).toMatchObject({ source: 'random' });
    expect((await quantize(dir)).image).toEqual(image);
  });

  test('from heldout.txt, before it calibration.txt, before it the text given', async () => {
    writeFileSync(join(dir, 'heldout.txt'), 'w2 w3 w4\n\nw5\n');
    expect((await quantize(dir)).report.calibration).toEqual({ tokens: 4, source: 'heldout.txt' });
    writeFileSync(join(dir, 'calibration.txt'), 'w2 w3\r\n');
    expect((await quantize(dir)).report.calibration).toEqual({ tokens: 2, source: 'calibration.txt' });
    const progress: number[] = [];
    const given = await quantize(dir, { calibration: 'w9', onProgress: (done, total) => progress.push(done / total) });
    expect(given.report.calibration).toEqual({ tokens: 1, source: 'given' });
    expect(progress.at(-1)).toBe(1);
  });

  test('in at most 512 sentences of at most the longest input', async () => {
    const long = Array.from({ length: 40 }, () => 'w7').join(' ');
    const { report } = await quantize(dir, { calibration: Array.from({ length: 600 }, () => long).join('\n') });
    expect(report.calibration.tokens).toBe(512 * 12);
  });

  test('not from an empty text', async () => {
    await expect(quantize(dir, { calibration: ' \n' })).rejects.toMatchObject({ code: 'input_empty' });
  });

  test('and stops when aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(quantize(dir, { signal })).rejects.toThrow('enough');
  });
});

test('the checkpoint itself is left as it was', async () => {
  const before = readFileSync(join(GOLDEN, 'lstm-tied', 'model.safetensors'));
  await quantize(join(GOLDEN, 'lstm-tied'));
  expect(readFileSync(join(GOLDEN, 'lstm-tied', 'model.safetensors'))).toEqual(before);
});
