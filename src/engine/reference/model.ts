/** A model run by the reference engine: slow, readable, the same integers. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LinnetError } from '../../errors.js';
import { openImage, type Image } from '../../image/read.js';
import type { Classification, GenerateOptions, ModelInfo, Score, TextModel, Token } from '../../model.js';
import { STATUS } from '../../schema/status.js';
import { Tokenizer } from '../../tokenizer/tokenizer.js';
import { expectText, planSampling, type SamplingPlan } from '../generate-options.js';
import { ReferenceEngine } from './engine.js';
import { Sampler } from './sampler.js';
import { negativeLogLikelihood } from './score.js';
import { selfTest } from './self-test.js';

const SCORE_ONE = 2 ** 15;
const NLL_ONE = 2 ** 16;
/** Milliseconds of work between turns of the event loop. */
const SLICE = 10;

/** What a generation leaves for the next one with keepState. */
interface Session {
  readonly engine: ReferenceEngine;
  /** The last token, chosen but not fed yet. */
  unfed: number | undefined;
}

export class ReferenceModel implements TextModel {
  readonly engine = 'reference';
  readonly info: ModelInfo;
  readonly #image: Image;
  readonly #tokenizer: Tokenizer;
  #kept: Session | undefined;
  #closed = false;

  /**
   * @param bytes the image, which must stay as it is
   * @param where what to call it in errors
   * @throws {LinnetError} the engine's status, if the image is not valid
   */
  constructor(
    bytes: Uint8Array,
    private readonly where = 'image',
  ) {
    const image = openImage(bytes, where);
    const { name, kind, labels, sha256, header } = image;
    this.#image = image;
    this.#tokenizer = new Tokenizer(image.tokenizer);
    this.info = {
      name,
      kind,
      vocabSize: header.vocab_size,
      labels,
      imageBytes: header.size,
      sha256,
      ramBytes: header.state_bytes + header.scratch_bytes,
    };
  }

  async *generate(prompt: string, options?: GenerateOptions): AsyncIterableIterator<Token> {
    expectText('prompt', prompt);
    const plan = planSampling(options);
    this.#need('language_model');
    const { signal } = plan;
    const turn = this.#turns(signal);
    await turn();
    const kept = plan.keepState ? this.#kept : undefined;
    this.#kept = undefined;
    const session = kept ?? { engine: new ReferenceEngine(this.#image), unfed: undefined };
    try {
      yield* this.#tokens(session, prompt, plan, kept !== undefined, turn);
    } finally {
      if (!this.#closed) this.#kept = session;
    }
  }

  async *#tokens(
    session: Session,
    prompt: string,
    plan: SamplingPlan,
    continues: boolean,
    turn: () => Promise<void>,
  ): AsyncGenerator<Token> {
    const { engine } = session;
    const text = this.#tokenizer.encode(prompt);
    const before = continues ? session.unfed : this.#image.bosId;
    const ids = before === undefined ? text : [before, ...text];
    if (ids.length === 0 && !continues) throw LinnetError.fromStatus(STATUS.input_empty.code, this.where);
    const sampler = new Sampler(plan, this.#image.header.logit_frac);
    session.unfed = undefined;
    for (const id of ids) {
      engine.feed(id);
      await turn();
    }
    const decoder = this.#tokenizer.decoder(continues || text.length > 0);
    for (let made = 0; made < plan.maxTokens; made++) {
      if (session.unfed !== undefined) engine.feed(session.unfed);
      session.unfed = undefined;
      const id = sampler.choose(engine.logits());
      if (id === this.#image.eosId) return;
      session.unfed = id;
      yield { id, text: decoder.push(id) };
      await turn();
    }
  }

  async classify(text: string): Promise<Classification> {
    expectText('text', text);
    this.#need('classifier');
    const { scores, logits } = new ReferenceEngine(this.#image).classify(this.#tokenizer.encode(text));
    const { labels } = this.info;
    return {
      label: labels[logits.indexOf(logits.reduce((a, b) => Math.max(a, b)))]!,
      scores: Object.fromEntries(labels.map((name, i) => [name, scores[i]! / SCORE_ONE])),
    };
  }

  async score(
    text: string,
    options: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {},
  ): Promise<Score> {
    expectText('text', text);
    this.#need('language_model');
    const ids = this.#tokenizer.encode(text);
    if (ids.length === 0) throw LinnetError.fromStatus(STATUS.input_empty.code, this.where);
    const turn = this.#turns(options.signal, (done) => options.onProgress?.(done, ids.length));
    const engine = new ReferenceEngine(this.#image);
    const { logit_frac } = this.#image.header;
    let nllQ16 = 0;
    engine.feed(this.#image.bosId ?? 0);
    for (const [at, id] of ids.entries()) {
      await turn(at);
      nllQ16 += negativeLogLikelihood(engine.logits(), id, logit_frac);
      engine.feed(id);
    }
    options.onProgress?.(ids.length, ids.length);
    const nll = nllQ16 / NLL_ONE;
    return { tokens: ids.length, negativeLogLikelihood: nll, perplexity: Math.exp(nll / ids.length) };
  }

  async selfTest(): Promise<string> {
    this.#checkOpen();
    return selfTest(this.#image);
  }

  /** Token ids of a text. */
  encode(text: string): Uint16Array {
    expectText('text', text);
    this.#checkOpen();
    return Uint16Array.from(this.#tokenizer.encode(text));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#kept = undefined;
  }

  /** A check between steps: ends the work if it is to end, and lets others run once in a while. */
  #turns(signal: AbortSignal | undefined, onPause?: (done: number) => void): (done?: number) => Promise<void> {
    let resumed = performance.now();
    return async (done = 0) => {
      if (performance.now() - resumed > SLICE) {
        onPause?.(done);
        await nextTurn();
        resumed = performance.now();
      }
      signal?.throwIfAborted();
      this.#checkOpen();
    };
  }

  #need(kind: ModelInfo['kind']): void {
    this.#checkOpen();
    if (this.info.kind !== kind) throw LinnetError.fromStatus(STATUS.wrong_kind.code, this.where);
  }

  #checkOpen(): void {
    if (this.#closed) throw new LinnetError('closed', 'the model is closed', this.where, 'load it again');
  }
}
