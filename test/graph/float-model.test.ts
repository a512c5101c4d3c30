/** The float model against PyTorch (test/golden/make.py) and against sums done by hand. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { nativeFloatKernels } from '../../src/engine/native-addon.js';
import { FloatModel } from '../../src/graph/float-model.js';
import type { Graph, Node, Weight } from '../../src/graph/graph.js';
import { convOverTime, poolOverTime } from '../../src/graph/nodes.js';
import { importCheckpoint } from '../../src/import/checkpoint.js';
import type { TokenizerTables } from '../../src/tokenizer/tables.js';
import { Tokenizer } from '../../src/tokenizer/tokenizer.js';

const GOLDEN = join(__dirname, '../golden');

function expected<T>(name: string): T {
  return JSON.parse(readFileSync(join(GOLDEN, name, 'expected.json'), 'utf8')) as T;
}

describe.each(['lstm-tied', 'lstm-untied', 'gru-lm', 'rnn-lm'])('%s', (name) => {
  const golden = expected<{ ids: number[]; nll: number; last_logits: number[] }>(name);

  test('has the likelihood and the logits PyTorch computes, across chunks', async () => {
    const logits: number[] = [];
    const model = new FloatModel(await importCheckpoint(join(GOLDEN, name)));
    const score = await model.nll(golden.ids, {
      observe: (node, { data }) => {
        if (node.op === 'linear') logits.push(...data);
      },
    });
    expect(score.tokens).toBe(300);
    expect(Math.abs(score.negativeLogLikelihood - golden.nll)).toBeLessThan(2e-3);
    expect(score.perplexity).toBeCloseTo(Math.exp(golden.nll / 300), 4);
    expect(logits).toHaveLength(300 * 23);
    golden.last_logits.forEach((v, i) => expect(logits[299 * 23 + i]).toBeCloseTo(v, 5));
  });
});

test.each([
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
])('%s has the logits PyTorch computes, short sentences padded', async (name) => {
  const golden = expected<{ sentences: number[][]; logits: number[][] }>(name);
  const model = new FloatModel(await importCheckpoint(join(GOLDEN, name)));
  golden.sentences.forEach((ids, i) => {
    const logits = model.logits(ids);
    expect(logits).toHaveLength(3);
    golden.logits[i]!.forEach((v, j) => expect(logits[j]).toBeCloseTo(v, 5));
  });
});

// A model small enough for paper.

function weight(shape: number[], ...data: number[]): Weight {
  return { name: 'w', shape, data: Float32Array.from(data) };
}

function graphOf(nodes: Node[], fields: Partial<Graph> = {}): Graph {
  return {
    name: 'paper',
    kind: 'language_model',
    nodes,
    tokenizer: { tokens: [0, 1, 2].map(() => new Uint8Array()), bucketCount: 0 } as unknown as TokenizerTables,
    labels: [],
    minTokens: 1,
    maxTokens: 0,
    metadata: {},
    ...fields,
  };
}

const PAPER_LM = graphOf([
  { op: 'embedding', output: 'e', table: weight([3, 1], 0, 1, 2) },
  {
    op: 'lstm',
    direction: 'forward',
    output: 'h',
    input: 'e',
    inputWeight: weight([4, 1], 0, 0, 1, 0),
    recurrentWeight: weight([4, 1], 0, 0, 0, 0),
    bias: weight([4], 100, 100, 0, 100), // gates open: the cell adds up tanh(e)
  },
  {
    op: 'linear',
    output: 'logits',
    input: 'h',
    weight: weight([3, 1], 0, 1, -1),
    bias: weight([3], 0, 0, 0),
    activation: 'none',
  },
]);

const PAPER_CNN = graphOf(
  [
    { op: 'embedding', output: 'e', table: weight([3, 2], 0, 0, 1, 2, -3, 4) },
    convOverTime({ output: 'c', input: 'e' }, weight([1, 2, 2], 1, 0, 0, 1), weight([1], 0.5), 'relu'),
    poolOverTime({ output: 'm', input: 'c' }, 'max', 1),
    { op: 'concat', output: 'j', inputs: ['m', 'm'] },
    {
      op: 'linear',
      output: 'l',
      input: 'j',
      weight: weight([2, 2], 1, 1, 0, -1),
      bias: weight([2], 0, 1),
      activation: 'none',
    },
    { op: 'softmax', output: 'p', input: 'l' },
  ],
  { kind: 'classifier', labels: ['a', 'b'], minTokens: 2, maxTokens: 4, padId: 0 },
);

test('an LSTM by hand: the cell counts, h = tanh(c)', async () => {
  const seen: number[] = [];
  const { negativeLogLikelihood } = await new FloatModel({ ...PAPER_LM, bosId: 1 }).nll([2, 0], {
    observe: (node, { data }) => {
      if (node.op === 'lstm') seen.push(...data);
    },
  });
  const byFormula = [Math.tanh(Math.tanh(1)), Math.tanh(Math.tanh(1) + Math.tanh(2))];
  seen.forEach((h, t) => expect(h).toBeCloseTo(byFormula[t]!, 6));
  const p = (logits: number[], id: number) => Math.exp(logits[id]!) / logits.reduce((s, v) => s + Math.exp(v), 0);
  const byHand = -Math.log(p([0, seen[0]!, -seen[0]!], 2)) - Math.log(p([0, seen[1]!, -seen[1]!], 0));
  expect(negativeLogLikelihood).toBeCloseTo(byHand, 5);
});

test('a convolution by hand: window, bias, ReLU, maximum, concatenation, output', () => {
  const values = new Map<string, number[]>();
  const model = new FloatModel(PAPER_CNN);
  // rows (1,2) (-3,4) (1,2): windows 1·1 + 4 = 5, -3 + 2 = -1, each + 0.5
  const logits = model.logits([1, 2, 1], (node, { data }) => values.set(node.output, [...data]));
  expect(values.get('c')).toEqual([5.5, 0]);
  expect(values.get('m')).toEqual([5.5]);
  expect(values.get('j')).toEqual([5.5, 5.5]);
  expect([...logits]).toEqual([11, -4.5]);
  expect(values.get('p')![0]! + values.get('p')![1]!).toBeCloseTo(1, 6);
  expect(values.get('p')![1]).toBeCloseTo(1 / (1 + Math.exp(15.5)), 9);
});

test('an empty text has likelihood 0 and no perplexity', async () => {
  expect(await new FloatModel(PAPER_LM).nll([])).toEqual({ tokens: 0, negativeLogLikelihood: 0, perplexity: NaN });
});

test('progress ends at the total and never goes back', async () => {
  const calls: number[] = [];
  await new FloatModel(PAPER_LM).nll(new Array(300).fill(1), { onProgress: (done, total) => calls.push(done / total) });
  expect(calls).toEqual([128 / 300, 256 / 300, 1]);
});

test('an abort ends a long run with its reason', async () => {
  const controller = new AbortController();
  const run = new FloatModel(PAPER_LM).nll(new Array(100_000).fill(1), {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  });
  await expect(run).rejects.toThrow('enough');
});

test('what a model cannot take is refused', async () => {
  const [lm, cnn] = [new FloatModel(PAPER_LM), new FloatModel(PAPER_CNN)];
  await expect(lm.nll([0, 3])).rejects.toMatchObject({ code: 'bad_token', what: 'token 3 at position 1' });
  await expect(lm.nll([0.5])).rejects.toMatchObject({ code: 'bad_token' });
  await expect(cnn.nll([0])).rejects.toMatchObject({ code: 'wrong_kind' });
  expect(() => lm.logits([0])).toThrow(expect.objectContaining({ code: 'wrong_kind' }));
  expect(() => cnn.logits([0, 1, 2, 0, 1])).toThrow(expect.objectContaining({ code: 'input_too_long' }));
  expect(() => cnn.logits([-1])).toThrow(expect.objectContaining({ code: 'bad_token' }));
});

// The trained classifier on its test set; the corpus is not part of the project.
const SENTENCES = join(
  process.env['LINNET_DATA'] ?? join(__dirname, '../../../shared/data'),
  'sentences/stsa.binary.test.gz',
);
const onCorpus = existsSync(SENTENCES) ? test : test.skip;
onCorpus(`sst2-textcnn labels the SST-2 test sentences as PyTorch does (needs ${SENTENCES})`, async () => {
  const graph = await importCheckpoint(join(__dirname, '../../models/sst2-textcnn'));
  const model = new FloatModel(graph, nativeFloatKernels());
  const tokenizer = new Tokenizer(graph.tokenizer);
  const lines = gunzipSync(readFileSync(SENTENCES)).toString().trim().split('\n');
  const right = lines.filter((line) => {
    const [negative, positive] = model.logits(tokenizer.encode(line.slice(2)));
    return (positive! > negative! ? '1' : '0') === line[0];
  });
  expect(lines).toHaveLength(1821);
  expect(right).toHaveLength(1496); // 82.15 %
});
