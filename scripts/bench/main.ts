/**
 * npm run bench: greedy decoding of a 2×200 LSTM with 10,000 words, one token at a time, against ONNX Runtime's int8
 * on the same weights, side by side: runs alternate, each figure is the median. Single thread on both sides.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { NativeModel } from '../../src/engine/native.js';
import { nativeFloatKernels } from '../../src/engine/native-addon.js';
import { quantizeGraph } from '../../src/quantize/index.js';
import { dynamicInt8Model } from './onnx-lm.js';
import { randomLanguageModel } from './random-lm.js';

const SHAPE = { vocabSize: 10_000, layers: 2, hiddenSize: 200 };
const SEED = 1;
const TOKENS = 2_000;
const ROUNDS = 9;
const FIRST_TOKEN = 1;

interface Contender {
  readonly name: string;
  /** Tokens greedily decoded from the initial state. */
  decode(tokens: number): Promise<number[]>;
  close(): Promise<void>;
}

async function linnet(graph: ReturnType<typeof randomLanguageModel>): Promise<Contender> {
  const calibration = [Array.from({ length: 500 }, (_, i) => (i * 7919) % SHAPE.vocabSize)];
  const { image } = await quantizeGraph(graph, { calibration, kernels: nativeFloatKernels() });
  const model = new NativeModel(image, graph.name);
  return {
    name: `linnet (${model.kernels})`,
    async decode(tokens) {
      const ids: number[] = [];
      for await (const { id } of model.generate('', { maxTokens: tokens, temperature: 0 })) ids.push(id);
      return ids;
    },
    close: () => model.close(),
  };
}

async function onnxRuntime(graph: ReturnType<typeof randomLanguageModel>): Promise<Contender> {
  const session = await InferenceSession.create(dynamicInt8Model(graph), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
  });
  const states = session.inputNames.filter((name) => name !== 'token');
  return {
    name: 'onnxruntime-node (int8)',
    async decode(tokens) {
      const feeds: Record<string, Tensor> = { token: new Tensor('int64', BigInt64Array.of(BigInt(FIRST_TOKEN)), [1]) };
      for (const name of states)
        feeds[name] = new Tensor('float32', new Float32Array(SHAPE.hiddenSize), [1, 1, SHAPE.hiddenSize]);
      const ids: number[] = [];
      while (ids.length < tokens) {
        const results = await session.run(feeds);
        for (const name of states) feeds[name] = results[`${name}_out`]!;
        feeds['token'] = results['next']!;
        ids.push(Number((results['next']!.data as BigInt64Array)[0]));
      }
      return ids;
    },
    close: () => session.release(),
  };
}

interface Sample {
  readonly tokensPerSecond: number;
  /** Processor time of the whole process, µs: what other programs on the machine disturb less. */
  readonly cpuPerToken: number;
}

async function measure(contender: Contender): Promise<Sample> {
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  const ids = await contender.decode(TOKENS);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  if (ids.length !== TOKENS) throw new Error(`${contender.name} made ${ids.length} tokens instead of ${TOKENS}`);
  return { tokensPerSecond: TOKENS / seconds, cpuPerToken: (user + system) / TOKENS };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

async function main(): Promise<void> {
  const graph = randomLanguageModel(SHAPE, SEED);
  const contenders = [await linnet(graph), await onnxRuntime(graph)];
  const samples = new Map(contenders.map(({ name }) => [name, [] as Sample[]]));
  for (const contender of contenders) await measure(contender); // warm-up
  for (let round = 0; round < ROUNDS; round++)
    for (const contender of contenders) samples.get(contender.name)!.push(await measure(contender));

  const { layers, hiddenSize, vocabSize } = SHAPE;
  console.log(
    `greedy decoding, ${layers}×${hiddenSize} LSTM, ${vocabSize} words, median of ${ROUNDS} runs of ${TOKENS} tokens`,
  );
  for (const [name, runs] of samples) {
    const rates = runs.map(({ tokensPerSecond }) => tokensPerSecond);
    const columns = [
      name.padEnd(24),
      `${Math.round(median(rates)).toString().padStart(6)} tokens/s`,
      `(${Math.round(Math.min(...rates))} … ${Math.round(Math.max(...rates))})`.padEnd(18),
      `${median(runs.map(({ cpuPerToken }) => cpuPerToken))
        .toFixed(1)
        .padStart(6)} µs CPU a token`,
    ];
    console.log(columns.join('  '));
  }
  await Promise.all(contenders.map((contender) => contender.close()));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
