/** One generation on a board: tokens in order, each exactly once, as fast as they are taken. */
import { LinnetError } from '../errors.js';
import { DoneReply, GenerateRequest, MessageType, PullRequest, ReplyType, TokenReply } from '../schema/link.js';
import { STATUS } from '../schema/status.js';
import type { Values } from '../schema/struct.js';
import type { LinkClient } from './client.js';

/** A cancellation that is not confirmed soon is of no interest any more. */
export const CANCEL_TIMING = { firstTimeout: 200, giveUp: 2000, stuck: 3000 };

export interface LinkToken {
  readonly id: number;
  /** UTF-8, may end within a character. */
  readonly bytes: Uint8Array;
}

export interface GenerationSummary {
  readonly tokens: number;
  /** BOS counted. */
  readonly promptTokens: number;
  /** Time inside the engine, prompt too, in the board's ticks. */
  readonly ticks: number;
}

export type GenerateFields = Omit<Values<typeof GenerateRequest.fields>, 'credit' | 'reserved'>;

export class Generation {
  /** Set once the board has said that it is done. */
  summary: GenerationSummary | undefined;
  private readonly id: number;
  private readonly request: Uint8Array;
  private readonly queue: LinkToken[] = [];
  private readonly release: () => void;
  /** Sequence number of the next token in order. */
  private expected = 0;
  /** Sequence numbers below it may be sent by the board. */
  private granted: number;
  /** The gap already asked for. */
  private askedFor = -1;
  /** Sequence number of the token that came last, in order or not. */
  private lastSeen = -1;
  private heard = false;
  private cancelling = false;
  private failure: unknown;
  private wake: () => void = () => undefined;

  /** Sends the request. */
  constructor(
    private readonly client: LinkClient,
    fields: GenerateFields,
    prompt: Uint8Array,
    private readonly window: number,
    private readonly signal?: AbortSignal,
  ) {
    signal?.throwIfAborted();
    this.id = client.nextId();
    this.granted = window;
    const header = GenerateRequest.encode({ ...fields, credit: window, reserved: 0 });
    this.request = new Uint8Array(header.length + prompt.length);
    this.request.set(header);
    this.request.set(prompt, header.length);
    this.release = client.open(this.id, {
      onMessage: (type, payload) => this.onMessage(type, payload),
      onClose: (error) => this.fail(error),
    });
    signal?.addEventListener('abort', this.onAbort);
    try {
      this.start();
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /**
   * The next token, or undefined at the end.
   * @throws LinnetError; the signal's reason
   */
  async next(): Promise<LinkToken | undefined> {
    if (this.queue.length === 0 && !this.over) await this.wait();
    if (this.signal?.aborted) throw this.signal.reason;
    const token = this.queue.shift();
    if (token) {
      this.grant();
      return token;
    }
    if (this.failure !== undefined) throw this.failure;
    return undefined;
  }

  /** Ends the generation on the board too, if it still runs, and frees the request. Never throws. */
  async cancel(): Promise<void> {
    const running = !this.over || (this.signal?.aborted === true && this.failure === this.signal.reason);
    if (running && this.client.isOpen) await this.cancelOnBoard();
    this.end();
  }

  private get over(): boolean {
    return this.summary !== undefined || this.failure !== undefined;
  }

  private start(): void {
    this.client.send(MessageType.generate, this.id, this.request);
  }

  /** Acknowledges what came, asks for what is missing, allows as much as there is room for. */
  private pull(): void {
    const credit = Math.max(0, this.window - this.queue.length);
    this.granted = this.expected + credit;
    const payload = PullRequest.encode({ next: this.expected, credit, reserved: 0 });
    this.client.send(MessageType.pull, this.id, payload);
  }

  /**
   * Allows more once little of the window is left. Not earlier: a pull makes the board send everything again that
   * is under way. Not later: it would stand still.
   */
  private grant(): void {
    if (!this.over && this.granted - this.expected <= this.window / 4 && this.queue.length <= this.window / 4)
      this.pull();
  }

  private async wait(): Promise<void> {
    const retry = this.client.retry(
      this.expected === 0 ? MessageType.generate : MessageType.pull,
      () => (this.heard ? this.pull() : this.start()),
      (error) => this.fail(error),
    );
    await new Promise<void>((resolve) => (this.wake = resolve));
    retry.stop(this.queue.length > 0);
  }

  private onMessage(type: number, payload: Uint8Array): void {
    if (this.over) return;
    if (this.cancelling) {
      // Whatever it says but tokens, which may still be under way: it does not run any more.
      if (type !== ReplyType.token) this.fail(LinnetError.fromStatus(STATUS.cancelled.code, this.client.name));
      return;
    }
    if (type === ReplyType.token) this.onToken(payload);
    else if (type === ReplyType.done) this.onDone(payload);
    else if (type === ReplyType.error) this.onRefusal(payload);
    this.heard = true;
  }

  private onToken(payload: Uint8Array): void {
    const token = TokenReply.decode(payload);
    if (!token) return this.fail(LinnetError.fromStatus(STATUS.bad_message.code, this.client.name));
    const rewound = token.sequence <= this.lastSeen;
    this.lastSeen = token.sequence;
    if (token.sequence > this.expected) return this.askAgain(rewound);
    if (token.sequence < this.expected) return;
    this.expected++;
    this.queue.push({ id: token.id, bytes: payload.slice(TokenReply.size) });
    this.wake();
  }

  private onDone(payload: Uint8Array): void {
    const done = DoneReply.decode(payload);
    if (!done) return this.fail(LinnetError.fromStatus(STATUS.bad_message.code, this.client.name));
    if (done.sequence > this.expected) return this.askAgain(false);
    if (done.status !== STATUS.ok.code) return this.fail(LinnetError.fromStatus(done.status, this.client.name));
    this.summary = { tokens: done.sequence, promptTokens: done.prompt_tokens, ticks: done.ticks };
    this.wake();
  }

  /**
   * Something is missing: ask for it at once, but only once, or a burst of tokens would make a burst of pulls.
   * If the board has gone back meanwhile and it is missing still, it was lost again.
   */
  private askAgain(rewound: boolean): void {
    if (this.askedFor === this.expected && !rewound) return;
    this.askedFor = this.expected;
    this.pull();
  }

  private onRefusal(payload: Uint8Array): void {
    const refusal = this.client.refusal(payload);
    const forgotten = this.heard && refusal.code === 'bad_message';
    this.fail(
      forgotten
        ? new LinnetError(
            'bad_message',
            'the board has forgotten this request: it was reset meanwhile',
            this.client.name,
            'run it again',
          )
        : refusal,
    );
  }

  private readonly onAbort = (): void => this.fail(this.signal!.reason);

  private fail(error: unknown): void {
    this.failure ??= error;
    this.wake();
  }

  private async cancelOnBoard(): Promise<void> {
    this.cancelling = true;
    this.failure = undefined;
    this.signal?.removeEventListener('abort', this.onAbort);
    const ask = (): void => this.client.send(MessageType.cancel, this.id, new Uint8Array());
    const retry = this.client.retry(MessageType.cancel, ask, (error) => this.fail(error), CANCEL_TIMING);
    ask();
    await new Promise<void>((resolve) => (this.wake = resolve));
    retry.stop(this.failure === undefined);
  }

  private end(): void {
    this.release();
    this.signal?.removeEventListener('abort', this.onAbort);
  }
}
