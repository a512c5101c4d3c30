/** A language model at work: greedy decoding, one token after another, and the scoring of a text. */
import type { Graph } from '../../graph/graph.js';
import { NativeModel } from '../../engine/native.js';
import { nativeFloatKernels } from '../../engine/native-addon.js';
import { quantizeGraph } from '../../quantize/index.js';
import type { Contender } from '../measure.js';
import { BOS, type LmShape, randomLanguageModel } from '../models/random-lm.js';
import { scatteredIds } from '../models/random.js';
import { openPeer, type InferenceSession, type Peer, type Tensor } from '../onnx-runtime.js';
import { onnxLanguageModel } from '../peers/onnx-lm.js';

/** The model of the acceptance table. */
export const LM: LmShape = { vocabSize: 10_000, layers: 2, hiddenSize: 200 };
const SEED = 1;
const CALIBRATION_TOKENS = 500;
/** Tokens of a run. */
const STEPS = 2_000;
const SCORED = 3_500;
/** Tokens that the peer scores in one call. */
const A_CALL = 35;

export interface LanguageModel {
  readonly graph: Graph;
  readonly image: Uint8Array;
}

export async function languageModel(shape: LmShape, calibrationTokens = CALIBRATION_TOKENS): Promise<LanguageModel> {
  const graph = randomLanguageModel(shape, SEED);
  const calibration = [scatteredIds(calibrationTokens, shape.vocabSize)];
  const { image } = await quantizeGraph(graph, { calibration, kernels: nativeFloatKernels() });
  return { graph, image };
}

/** Greedy decoding through the public generate(). */
export function decoder({ graph, image }: LanguageModel, tokens = STEPS): Contender {
  const model = new NativeModel(image, graph.name);
  return {
    name: 'linnet',
    async work() {
      let made = 0;
      for await (const _ of model.generate('', { maxTokens: tokens, temperature: 0 })) made++;
      if (made !== tokens) throw new Error(`${made} tokens instead of ${tokens}`);
      return made;
    },
    close: () => model.close(),
  };
}

/** The same on the peer: state and argmax are in the graph. */
export async function peerDecoder(
  peer: Peer,
  { graph }: LanguageModel,
  precision: 'int8' | 'float',
): Promise<Contender> {
  const session = await openPeer(peer, onnxLanguageModel(graph, { precision, answer: 'next' }));
  const states = new States(peer, session);
  return {
    name: precision === 'int8' ? 'ort_int8' : 'ort_fp32',
    async work() {
      const feeds = states.initial();
      feeds['token'] = int64(peer, [BOS], [1]);
      for (let made = 0; made < STEPS; made++) {
        const results = await session.run(feeds);
        states.carry(results, feeds);
        feeds['token'] = results['next']!;
      }
      return STEPS;
    },
    close: () => session.release(),
  };
}

/** The perplexity of a text through the public score(). */
export function scorer({ graph, image }: LanguageModel): Contender {
  const model = new NativeModel(image, graph.name);
  const text = scoredIds(graph)
    .map((id) => `w${id}`)
    .join(' ');
  return {
    name: 'linnet',
    async work() {
      const { tokens } = await model.score(text);
      if (tokens !== SCORED) throw new Error(`${tokens} tokens instead of ${SCORED}`);
      return tokens;
    },
    close: () => model.close(),
  };
}

/** The same on the peer, some tokens a call; "logit" leaves the softmax out, which is less than a score takes. */
export async function peerScorer(
  peer: Peer,
  { graph }: LanguageModel,
  precision: 'int8' | 'float',
  answer: 'log_p' | 'logit',
): Promise<Contender> {
  const session = await openPeer(peer, onnxLanguageModel(graph, { precision, answer }));
  const states = new States(peer, session);
  const ids = scoredIds(graph);
  return {
    name: `ort_${precision === 'int8' ? 'int8' : 'fp32'}${answer === 'logit' ? '_without_softmax' : ''}`,
    async work() {
      const feeds = states.initial();
      let total = 0;
      for (let at = 0; at < SCORED; at += A_CALL) {
        const wanted = ids.slice(at, at + A_CALL);
        const tokens = [at === 0 ? BOS : ids[at - 1]!, ...wanted.slice(0, -1)];
        feeds['token'] = int64(peer, tokens, [wanted.length]);
        feeds['wanted'] = int64(peer, wanted, [wanted.length, 1]);
        const results = await session.run(feeds);
        states.carry(results, feeds);
        for (const v of results[answer]!.data as Float32Array) total += v;
      }
      if (!Number.isFinite(total)) throw new Error('the peer gave no number');
      return SCORED;
    },
    close: () => session.release(),
  };
}

function scoredIds(graph: Graph): number[] {
  return scatteredIds(SCORED, graph.tokenizer.tokens.length);
}

function int64(peer: Peer, values: readonly number[], dims: readonly number[]): Tensor {
  return new peer.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
}

/** The recurrent state the peer's caller carries from one call to the next. */
class States {
  readonly #names: readonly string[];

  constructor(
    private readonly peer: Peer,
    session: InferenceSession,
    private readonly hiddenSize = LM.hiddenSize,
  ) {
    this.#names = session.inputNames.filter((name) => /^[hc]\d+$/.test(name));
  }

  initial(): Record<string, Tensor> {
    const dims = [1, 1, this.hiddenSize];
    const zeros = () => new this.peer.Tensor('float32', new Float32Array(this.hiddenSize), dims);
    return Object.fromEntries(this.#names.map((name) => [name, zeros()]));
  }

  carry(results: Readonly<Record<string, Tensor>>, feeds: Record<string, Tensor>): void {
    for (const name of this.#names) feeds[name] = results[`${name}_out`]!;
  }
}
