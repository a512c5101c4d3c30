/** The peers of the bench compute the models they are said to compute. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SHAPE = { vocabSize: 60, embeddingSize: 32, widths: [3, 4], filters: 24, labels: 3 };
const LM = { vocabSize: 60, layers: 2, hiddenSize: 48 };

/** In a process of its own: ONNX Runtime does not take Jest's typed arrays for typed arrays. */
async function run(program: string): Promise<unknown> {
  const prologue = `
    const peer = require('onnxruntime-node');
    const { openPeer } = require('./src/bench/onnx-runtime.ts');
    const ids = (n, seed) => Array.from({ length: n }, (_, i) => (i * 7919 + seed * 31) % 60);
    const int64 = (values, dims) => new peer.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
    (async () => console.log(JSON.stringify(await (async () => {${program}})())))();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '-e', prologue], {
    cwd: join(__dirname, '..', '..'),
  });
  return JSON.parse(stdout);
}

test.each(['int8', 'float'])('the %s text-CNN of the peer gives the logits of the float model', async (precision) => {
  const pairs = (await run(`
    const { onnxTextCnn } = require('./src/bench/peers/onnx-text-cnn.ts');
    const { randomTextCnn } = require('./src/bench/models/random-text-cnn.ts');
    const { FloatModel } = require('./src/graph/float-model.ts');
    const { calibrate } = require('./src/quantize/calibrate.ts');
    const graph = randomTextCnn(${JSON.stringify(SHAPE)}, 5);
    const model = new FloatModel(graph);
    const sentences = Array.from({ length: 40 }, (_, s) => ids(12, s));
    const ranges = await calibrate(model, sentences);
    const largest = (output) => ranges.get(output).maxAbs;
    const session = await openPeer(peer, onnxTextCnn(graph, { precision: '${precision}', tokens: 12, largest }));
    const pairs = [];
    for (const s of sentences) {
      const { scores } = await session.run({ ids: int64(s, [12]) });
      const logits = [...model.logits(s)];
      const e = logits.map((l) => Math.exp(l));
      const sum = e.reduce((a, b) => a + b);
      pairs.push([[...scores.data], e.map((v) => v / sum)]);
    }
    return pairs;`)) as [number[], number[]][];
  const tolerance = precision === 'int8' ? 0.03 : 1e-5;
  for (const [scores, expected] of pairs)
    scores.forEach((score, i) => expect(Math.abs(score - expected[i]!)).toBeLessThan(tolerance));
  const first = pairs.map(([scores]) => scores[0]!);
  expect(Math.max(...first) - Math.min(...first)).toBeGreaterThan(3 * tolerance); // sentences differ
});

test.each(['int8', 'float'])(
  'the %s language model of the peer scores text as the float model does',
  async (precision) => {
    const { theirs, ours } = (await run(`
    const { onnxLanguageModel } = require('./src/bench/peers/onnx-lm.ts');
    const { randomLanguageModel, BOS } = require('./src/bench/models/random-lm.ts');
    const { FloatModel } = require('./src/graph/float-model.ts');
    const graph = randomLanguageModel(${JSON.stringify(LM)}, 5);
    const text = ids(50, 1);
    const session = await openPeer(peer, onnxLanguageModel(graph, { precision: '${precision}', answer: 'log_p' }));
    const feeds = { token: int64([BOS, ...text.slice(0, -1)], [50]), wanted: int64(text, [50, 1]) };
    for (const name of ['h0', 'c0', 'h1', 'c1'])
      feeds[name] = new peer.Tensor('float32', new Float32Array(${LM.hiddenSize}), [1, 1, ${LM.hiddenSize}]);
    const { log_p } = await session.run(feeds);
    return { theirs: -log_p.data.reduce((a, b) => a + b), ours: (await new FloatModel(graph).nll(text)).negativeLogLikelihood };`)) as {
      theirs: number;
      ours: number;
    };
    expect(Math.abs(theirs - ours) / ours).toBeLessThan(precision === 'int8' ? 0.01 : 1e-5);
  },
);
