/** A model run by the native engine (native/) through the addon. */
import { isUint16Array } from 'node:util/types';
import { LinnetError } from '../errors.js';
import { modules } from '../modules.js';
import type { Classification, GenerateOptions, ModelInfo, Score, TextModel, Token } from '../model.js';
import { STATUS } from '../schema/status.js';
import { expectText, planSampling } from './generate-options.js';
import { fromNative, type NativeAddon, type NativeImage, requireAddon } from './native-addon.js';
import { NativeTokenStream } from './native-stream.js';
import { TokenTexts } from './native-text.js';

const SCORE_ONE = 2 ** 15;
const NLL_ONE = 2 ** 16;

export class NativeModel implements TextModel {
  readonly engine = 'native';
  readonly info: ModelInfo;
  readonly #image: NativeImage;
  readonly #texts: TokenTexts;
  readonly #scores: Uint16Array;
  #sha256: string | undefined;
  #closed = false;
  /** Calls that wait for the addon. */
  readonly #running = new Set<Promise<unknown>>();

  /**
   * @param bytes the image; copied, unless the addon lent them
   * @param where what to call it in errors
   * @throws {LinnetError} the engine's status, if the image is not valid; tool_missing, without the addon
   */
  constructor(
    bytes: Uint8Array,
    private readonly where = 'image',
    private readonly addon: NativeAddon = requireAddon(),
  ) {
    try {
      this.#image = new addon.Model(bytes);
    } catch (error) {
      throw fromNative(error, where);
    }
    const { name, kind, vocabSize, labels, imageBytes, stateBytes, scratchBytes } = this.#image.info;
    const sha256 = () =>
      (this.#sha256 ??= modules
        .crypto()
        .createHash('sha256')
        .update(this.#call(() => this.#image.bytes()))
        .digest('hex'));
    this.info = {
      name,
      kind,
      vocabSize,
      labels,
      imageBytes,
      // Most never ask, and it takes longer than to open the image.
      get sha256() {
        return sha256();
      },
      ramBytes: stateBytes + scratchBytes,
    };
    this.#texts = new TokenTexts(this.#image);
    this.#scores = new Uint16Array(labels.length);
  }

  /** Kernel variant in use, for instance "avx2". */
  get kernels(): string {
    return this.addon.kernels();
  }

  generate(prompt: string, options?: GenerateOptions): AsyncIterableIterator<Token> {
    const start = () => {
      expectText('prompt', prompt);
      const plan = planSampling(options);
      return this.#call(
        () =>
          new this.addon.Generation(
            this.#image,
            prompt,
            plan.maxTokens,
            plan.temperatureQ12,
            plan.topK,
            plan.seed,
            plan.keepState,
          ),
      );
    };
    const failure = (status: number) => this.#failure(status);
    const expectOpen = () => this.#expectOpen();
    const track = (call: Promise<unknown>) => void this.#track(call);
    return new NativeTokenStream(this.#texts, start, expectOpen, failure, track, options?.signal);
  }

  async classify(text: string): Promise<Classification> {
    return this.classifySync(text);
  }

  /**
   * Labels one text, or its token ids, at once, on this thread: microseconds for a small model.
   * @throws {LinnetError}
   */
  classifySync(text: string | Uint16Array): Classification {
    if (!isUint16Array(text)) expectText('text', text);
    const label = this.#call(() => this.#image.classify(text, this.#scores));
    return this.#classification(label, this.#scores, 0);
  }

  /** Labels many texts on a thread of the pool. Rejects if one of them cannot be labelled; `where` names it. */
  async classifyBatch(texts: readonly string[]): Promise<Classification[]> {
    texts.forEach((text, i) => expectText(`texts[${i}]`, text));
    const { labels, scores } = await this.#wait(() => this.#image.classifyBatch(texts));
    return Array.from(labels, (label, i) => this.#classification(label, scores, i * this.info.labels.length));
  }

  async score(
    text: string,
    options: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {},
  ): Promise<Score> {
    return await this.#track(this.#score(text, options.signal, options.onProgress));
  }

  async selfTest(): Promise<string> {
    return (await this.#wait(() => this.#image.selfTest())).toString('hex');
  }

  /** Token ids of a text. */
  encode(text: string): Uint16Array {
    expectText('text', text);
    return this.#call(() => this.#image.encode(text));
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#image.close();
    }
    await Promise.allSettled(this.#running);
  }

  async #score(
    text: string,
    signal: AbortSignal | undefined,
    onProgress: ((done: number, total: number) => void) | undefined,
  ): Promise<Score> {
    expectText('text', text);
    signal?.throwIfAborted();
    const scoring = this.#call(() => new this.addon.Scoring(this.#image, text));
    const cancel = () => scoring.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      for (;;) {
        const { done, total, nllQ16 } = await scoring.run();
        signal?.throwIfAborted();
        onProgress?.(done, total);
        if (done < total) continue;
        const negativeLogLikelihood = nllQ16 / NLL_ONE;
        return { tokens: total, negativeLogLikelihood, perplexity: Math.exp(negativeLogLikelihood / total) };
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#closed ? this.#closedError() : fromNative(error, this.where);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  #classification(label: number, scores: Uint16Array, at: number): Classification {
    const { labels } = this.info;
    return {
      label: labels[label]!,
      scores: Object.fromEntries(labels.map((name, i) => [name, scores[at + i]! / SCORE_ONE])),
    };
  }

  #expectOpen(): void {
    if (this.#closed) throw this.#closedError();
  }

  #call<T>(work: () => T): T {
    this.#expectOpen();
    try {
      return work();
    } catch (error) {
      throw fromNative(error, this.where);
    }
  }

  #wait<T>(work: () => Promise<T>): Promise<T> {
    const waiting = async () => {
      const promise = this.#call(work);
      try {
        return await promise;
      } catch (error) {
        throw this.#closed ? this.#closedError() : fromNative(error, this.where);
      }
    };
    return this.#track(waiting());
  }

  #track<T>(call: Promise<T>): Promise<T> {
    this.#running.add(call);
    const forget = () => void this.#running.delete(call);
    call.then(forget, forget);
    return call;
  }

  #failure(status: number): unknown {
    return this.#closed && status === STATUS.cancelled.code
      ? this.#closedError()
      : LinnetError.fromStatus(status, this.where);
  }

  #closedError(): LinnetError {
    return new LinnetError('closed', 'the model is closed', this.where, 'load it again');
  }
}
