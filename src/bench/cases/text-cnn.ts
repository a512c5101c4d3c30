/** A sentence classifier at work: token ids in, label and scores out, one sentence a call. */
import { NativeModel } from '../../engine/native.js';
import { nativeFloatKernels } from '../../engine/native-addon.js';
import type { Graph } from '../../graph/graph.js';
import { quantizeGraph } from '../../quantize/index.js';
import type { Ranges } from '../../quantize/calibrate.js';
import type { Contender } from '../measure.js';
import { randomTextCnn, type TextCnnShape } from '../models/random-text-cnn.js';
import { randomSource } from '../models/random.js';
import { openPeer, type Peer } from '../onnx-runtime.js';
import { onnxTextCnn } from '../peers/onnx-text-cnn.js';

/** The model of the acceptance table. */
export const TEXT_CNN: TextCnnShape = {
  vocabSize: 10_000,
  embeddingSize: 300,
  widths: [3, 4, 5],
  filters: 100,
  labels: 2,
};
const SEED = 1;
const TOKENS = 20;
const SENTENCES = 100;
/** Sentences of a run. */
const CALLS = 3_000;

export interface TextCnn {
  readonly graph: Graph;
  readonly image: Uint8Array;
  readonly ranges: Ranges;
}

export async function textCnn(shape: TextCnnShape): Promise<TextCnn> {
  const graph = randomTextCnn(shape, SEED);
  const { image, ranges } = await quantizeGraph(graph, { calibration: sentences(), kernels: nativeFloatKernels() });
  return { graph, image, ranges };
}

/** Through the public classifySync(). */
export function classifier({ graph, image }: TextCnn): Contender {
  const model = new NativeModel(image, graph.name);
  const inputs = sentences().map((ids) => Uint16Array.from(ids));
  return {
    name: 'linnet',
    async work() {
      for (let i = 0; i < CALLS; i++) model.classifySync(inputs[i % SENTENCES]!);
      return CALLS;
    },
    close: () => model.close(),
  };
}

export async function peerClassifier(
  peer: Peer,
  { graph, ranges }: TextCnn,
  precision: 'int8' | 'float',
): Promise<Contender> {
  const largest = (output: string) => ranges.get(output)!.maxAbs;
  const session = await openPeer(peer, onnxTextCnn(graph, { precision, tokens: TOKENS, largest }));
  const inputs = sentences().map((ids) => new peer.Tensor('int64', BigInt64Array.from(ids, BigInt), [TOKENS]));
  return {
    name: precision === 'int8' ? 'ort_int8' : 'ort_fp32',
    async work() {
      for (let i = 0; i < CALLS; i++) await session.run({ ids: inputs[i % SENTENCES]! });
      return CALLS;
    },
    close: () => session.release(),
  };
}

/** The same every time. */
export function sentences(): number[][] {
  const random = randomSource(SEED);
  return Array.from({ length: SENTENCES }, () =>
    Array.from({ length: TOKENS }, () => Math.floor(random() * TEXT_CNN.vocabSize)),
  );
}
