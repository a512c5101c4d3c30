/** Requests and answers over a line that loses, damages and delays (docs/link.md, Reliability). */
import { LinnetError } from '../errors.js';
import { MAX_MESSAGE, MessageHeader, MessageType, REPLY, ReplyType, StatusReply } from '../schema/link.js';
import { encodeFrame, FrameDecoder } from './frame.js';
import { DEFAULT_TIMING, Retry, WaitEstimate, type LinkTiming } from './retry.js';
import type { Transport } from './transport.js';

export interface LinkOptions {
  readonly timing?: Partial<LinkTiming>;
  /** Text the board wrote outside frames: logs, never tokens. */
  readonly onConsole?: (text: string) => void;
}

/** Receives every valid message of one request. */
export interface Exchange {
  onMessage(type: number, payload: Uint8Array): void;
  /** The line is gone; nothing more will come. */
  onClose(error: LinnetError): void;
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Accepts an answer; others are late copies of something else. */
  readonly accept?: (payload: Uint8Array) => boolean;
  /** Default: a fresh id. */
  readonly id?: number;
  /**
   * The board does this in one go, deaf meanwhile, and would do it again for every copy. So ask first with a PING:
   * messages are taken in order, so its answer coming alone proves that the request or its answer was lost.
   */
  readonly costly?: boolean;
  readonly timing?: Partial<LinkTiming>;
}

export class LinkClient {
  readonly timing: LinkTiming;
  /** Repetitions sent so far: what the line lost, seen from here. */
  repetitions = 0;
  /** Longest message the board accepts; HELLO tells. */
  maxMessage: number = MAX_MESSAGE;
  private readonly decoder = new FrameDecoder();
  private readonly exchanges = new Map<number, Exchange>();
  private readonly estimates = new Map<number, WaitEstimate>();
  private readonly consoleText = new TextDecoder();
  private lastId = 1 + Math.floor(Math.random() * 0xfffe);
  private heardAt = -Infinity;
  private closed: LinnetError | undefined;

  constructor(
    private readonly transport: Transport,
    private readonly options: LinkOptions = {},
  ) {
    this.timing = { ...DEFAULT_TIMING, ...options.timing };
    transport.onData((bytes) => this.receive(bytes));
    transport.onClose((error) => this.lineClosed(error));
  }

  /** The port's name, for messages. */
  get name(): string {
    return this.transport.name;
  }

  get badFrames(): number {
    return this.decoder.badFrames;
  }

  get isOpen(): boolean {
    return this.closed === undefined;
  }

  nextId(): number {
    this.lastId = this.lastId >= 0xffff ? 1 : this.lastId + 1;
    return this.lastId;
  }

  /** Sends one message, once. */
  send(type: number, id: number, payload: Uint8Array): void {
    const header = MessageHeader.encode({ type, reserved: 0, request: id });
    const message = new Uint8Array(header.length + payload.length);
    message.set(header);
    message.set(payload, header.length);
    if (message.length > this.maxMessage)
      throw new LinnetError(
        'input_too_long',
        `text takes ${payload.length} bytes of a message that holds ${this.maxMessage - header.length}`,
        this.name,
        'shorten it',
      );
    this.transport.write(encodeFrame(message));
  }

  /** Registers who gets the messages of a request. Call the result to end it. */
  open(id: number, exchange: Exchange): () => void {
    if (this.closed) throw this.closed;
    this.exchanges.set(id, exchange);
    return () => {
      if (this.exchanges.get(id) === exchange) this.exchanges.delete(id);
    };
  }

  /**
   * A request with one answer, repeated until it comes; for requests that do no harm when they arrive twice.
   * @returns the payload of the answer
   * @throws LinnetError what the board refused with, no_answer, port_lost, closed; the signal's reason
   */
  request(type: number, payload: Uint8Array, options: RequestOptions = {}): Promise<Uint8Array> {
    const { signal, accept = () => true, id = this.nextId(), costly = false } = options;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const cleanup: (() => void)[] = [];
      const settle = (finish: () => void): void => {
        for (const undo of cleanup) undo();
        finish();
      };
      const fail = (error: unknown): void => settle(() => reject(error));
      const ask = (): void => this.send(type, id, payload);
      cleanup.push(
        this.open(id, {
          onMessage: (replyType, reply) => {
            if (replyType === ReplyType.error) fail(this.refusal(reply));
            else if (replyType === type + REPLY && accept(reply)) {
              retry.stop(true);
              settle(() => resolve(reply));
            }
          },
          onClose: fail,
        }),
      );
      const repeat = costly ? () => cleanup.push(this.whenAlive(ask)) : ask;
      const retry = this.retry(type, repeat, fail, options.timing);
      cleanup.push(() => retry.stop(false));
      if (signal) {
        const onAbort = (): void => fail(signal.reason);
        signal.addEventListener('abort', onAbort);
        cleanup.push(() => signal.removeEventListener('abort', onAbort));
      }
      try {
        ask();
      } catch (error) {
        fail(error);
      }
    });
  }

  /**
   * Repeats `ask` until stopped; from the second time on a PING asks whether anybody is there at all.
   * @param kind message type whose usual waiting time is the first timeout
   */
  retry(kind: number, ask: () => void, fail: (error: LinnetError) => void, timing: Partial<LinkTiming> = {}): Retry {
    const times = { ...this.timing, ...timing };
    const repeat = (count: number): void => {
      this.repetitions++;
      ask();
      if (count >= 2 && kind !== MessageType.ping) this.send(MessageType.ping, this.nextId(), new Uint8Array());
    };
    return new Retry(
      times,
      this.estimateOf(kind),
      () => this.heardAt,
      repeat,
      (silent) => fail(this.noAnswer(silent, times)),
    );
  }

  /** Sends one PING and does `then` when it is answered. Call the result to drop it. */
  private whenAlive(then: () => void): () => void {
    const id = this.nextId();
    const release = this.open(id, {
      onMessage: () => {
        release();
        then();
      },
      onClose: () => undefined,
    });
    this.send(MessageType.ping, id, new Uint8Array());
    return release;
  }

  /** The LinnetError of an error reply. */
  refusal(payload: Uint8Array): LinnetError {
    return LinnetError.fromStatus(StatusReply.decode(payload)?.status ?? 0, this.name);
  }

  /** Ends everything under way with code "closed". */
  async close(): Promise<void> {
    await this.transport.close();
  }

  private estimateOf(kind: number): WaitEstimate {
    let estimate = this.estimates.get(kind);
    if (!estimate) this.estimates.set(kind, (estimate = new WaitEstimate()));
    return estimate;
  }

  private receive(bytes: Uint8Array): void {
    for (const event of this.decoder.push(bytes)) {
      if (event.type === 'text') {
        this.options.onConsole?.(this.consoleText.decode(event.bytes, { stream: true }));
        continue;
      }
      const header = MessageHeader.decode(event.message);
      if (!header) continue;
      this.heardAt = performance.now();
      this.exchanges.get(header.request)?.onMessage(header.type, event.message.subarray(MessageHeader.size));
    }
  }

  private lineClosed(error: LinnetError): void {
    this.closed = error;
    for (const exchange of [...this.exchanges.values()]) exchange.onClose(error);
    this.exchanges.clear();
  }

  private noAnswer(silent: boolean, { giveUp, stuck }: LinkTiming): LinnetError {
    const seconds = Math.round((silent ? giveUp : stuck) / 1000);
    if (!silent)
      return new LinnetError(
        'no_answer',
        `the board talks but has not answered for ${seconds} s`,
        this.name,
        'reset it',
      );
    if (this.heardAt === -Infinity && this.badFrames > 0)
      return new LinnetError(
        'no_answer',
        'bytes arrive but none of them make a frame',
        this.name,
        'check the baud rate, and that the board runs Linnet firmware ("linnet flash")',
      );
    if (this.heardAt === -Infinity)
      return new LinnetError(
        'no_answer',
        `nobody has answered for ${seconds} s`,
        this.name,
        'check that this is the board\'s port and that it runs Linnet firmware ("linnet flash")',
      );
    return new LinnetError(
      'no_answer',
      `the board has been silent for ${seconds} s`,
      this.name,
      'check the cable, or reset it',
    );
  }
}
