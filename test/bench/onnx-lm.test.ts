/** The peer of the bench computes the model it is said to compute. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { randomLanguageModel } from '../../src/bench/models/random-lm.js';
import { FloatModel } from '../../src/graph/float-model.js';

const SHAPE = { vocabSize: 40, layers: 2, hiddenSize: 48 };
const SEED = 3;
const IDS = Array.from({ length: 200 }, (_, i) => (i * 7919) % SHAPE.vocabSize);

/** In a process of its own: ONNX Runtime does not take Jest's typed arrays for typed arrays. */
const PEER = `
  const { InferenceSession, Tensor } = require('onnxruntime-node');
  const { onnxLanguageModel } = require('./src/bench/peers/onnx-lm.ts');
  const { randomLanguageModel } = require('./src/bench/models/random-lm.ts');
  (async () => {
    const session = await InferenceSession.create(onnxLanguageModel(randomLanguageModel(${JSON.stringify(SHAPE)}, ${SEED}), { precision: "int8", answer: "next" }));
    const states = session.inputNames.filter((name) => name !== 'token');
    const feeds = {};
    for (const name of states) feeds[name] = new Tensor('float32', new Float32Array(${SHAPE.hiddenSize}), [1, 1, ${SHAPE.hiddenSize}]);
    const next = [];
    for (const id of ${JSON.stringify(IDS)}) {
      feeds.token = new Tensor('int64', BigInt64Array.of(BigInt(id)), [1]);
      const results = await session.run(feeds);
      for (const name of states) feeds[name] = results[name + '_out'];
      next.push(Number(results.next.data[0]));
    }
    console.log(JSON.stringify({ states, next }));
  })();`;

test('the int8 ONNX model predicts the tokens of the float model', async () => {
  const options = { cwd: join(__dirname, '..', '..') };
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '-e', PEER], options);
  const peer = JSON.parse(stdout) as { states: string[]; next: number[] };
  expect(peer.states).toEqual(['h0', 'c0', 'h1', 'c1']);

  const expected: number[] = [];
  await new FloatModel(randomLanguageModel(SHAPE, SEED)).nll(IDS, {
    observe(node, { data, steps, features }) {
      if (node.output !== 'logits') return;
      for (let t = 0; t < steps; t++) {
        const row = data.subarray(t * features, (t + 1) * features);
        expected.push(row.indexOf(row.reduce((a, b) => Math.max(a, b))));
      }
    },
  });
  expect(new Set(expected).size).toBeGreaterThan(4); // not one token over and over
  // nll() scores IDS after BOS: what it saw is BOS, then all but the last of IDS.
  const agreeing = peer.next.filter((id, i) => id === expected[i + 1]).length;
  expect(agreeing / (IDS.length - 1)).toBeGreaterThan(0.9);
});
