/** The async iterator over a native generation. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Token } from '../model.js';
import type { NativeGeneration } from './native-addon.js';
import { TokenTextStream, type TokenTexts } from './native-text.js';

/** Tokens fetched from the addon at once. */
const BATCH = 128;
const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * Written by hand because an async generator costs several promises a token, as much as a small model's
 * arithmetic. Like one, it starts at the first `next()` and serves overlapping calls in order.
 *
 * Tokens come in batches, one batch a turn of the event loop, so that timers and signals get their turn however
 * fast the model is. The addon makes up to 256 tokens ahead and then waits. Nothing refers to the
 * stream but its reader, or the addon while it works: a stream that is dropped half-way is garbage collected.
 */
export class NativeTokenStream implements AsyncIterableIterator<Token> {
  #generation: NativeGeneration | undefined;
  #text: TokenTextStream | undefined;
  readonly #ids = new Uint16Array(BATCH);
  #at = 0;
  #count = 0;
  #ended = false;
  #stopped = false;
  #wake: (() => void) | undefined;
  /** Settles when the call being served is done. */
  #turn: Promise<unknown> | undefined;

  /**
   * @param start starts the generation; may throw
   * @param expectOpen throws if the model was closed: the texts of tokens are no longer there
   * @param failure the error of a generation that ended with an engine status other than ok
   * @param track is given the promise of every call that waits for the addon
   */
  constructor(
    private readonly texts: TokenTexts,
    private readonly start: () => NativeGeneration,
    private readonly expectOpen: () => void,
    private readonly failure: (status: number) => unknown,
    private readonly track: (call: Promise<unknown>) => void,
    private readonly signal: AbortSignal | undefined,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Token>> {
    if (this.#turn === undefined && this.#at < this.#count && this.#goesOn())
      return Promise.resolve({ done: false, value: this.#token() });
    const call = this.#inTurn(() => this.#next());
    this.track(call);
    return call;
  }

  /** Ends the generation; resolves when its memory is free. A `next()` still waiting gives no token. */
  return(): Promise<IteratorResult<Token>> {
    this.#stopped = true;
    this.#generation?.cancel();
    return this.#inTurn(async () => {
      await this.#end();
      return DONE;
    });
  }

  async throw(error: unknown): Promise<IteratorResult<Token>> {
    await this.return();
    throw error;
  }

  #token(): Token {
    return this.#text!.token(this.#ids[this.#at++]!);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn ? this.#turn.then(work) : work();
    const turn = result
      .catch(() => undefined)
      .then(() => {
        if (this.#turn === turn) this.#turn = undefined;
      });
    this.#turn = turn;
    return result;
  }

  async #next(): Promise<IteratorResult<Token>> {
    try {
      if (this.#ended) return DONE;
      this.#expectToGoOn();
      if (this.#at < this.#count) return { done: false, value: this.#token() };
      if (this.#generation) await nextTurn();
      else this.#begin();
      if (await this.#fetch()) {
        this.#expectToGoOn(); // close() may have come between the two
        return { done: false, value: this.#token() };
      }
    } catch (error) {
      await this.#end();
      throw error;
    }
    await this.#end();
    return DONE;
  }

  #begin(): void {
    this.#generation = this.start();
    this.#generation.onwake = () => this.#wake?.();
    this.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  readonly #onAbort = (): void => this.#generation?.cancel();

  /** Waits for tokens; false if there will be none any more. */
  async #fetch(): Promise<boolean> {
    const generation = this.#generation!;
    for (;;) {
      const count = generation.take(this.#ids);
      this.#expectToGoOn();
      if (this.#stopped) return false;
      if (count > 0) {
        this.#text ??= new TokenTextStream(this.texts, generation.followsText);
        this.#at = 0;
        this.#count = count;
        return true;
      }
      if (generation.result !== undefined) break;
      await this.#woken();
    }
    if (generation.result !== 0) throw this.failure(generation.result);
    return false;
  }

  /** @throws the signal's reason if it was aborted, LinnetError "closed" if the model was closed */
  #expectToGoOn(): void {
    if (this.signal?.aborted) throw this.signal.reason;
    this.expectOpen();
  }

  #goesOn(): boolean {
    try {
      this.#expectToGoOn();
      return true;
    } catch {
      return false;
    }
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  /** Waits until the addon has let go of the generation. */
  async #end(): Promise<void> {
    this.#ended = true;
    const generation = this.#generation;
    if (!generation) return;
    this.#generation = undefined;
    this.signal?.removeEventListener('abort', this.#onAbort);
    generation.cancel();
    while (generation.result === undefined) await this.#woken();
  }
}
