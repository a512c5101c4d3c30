/** The bytes of an upload, over a line that loses and damages: go-back-N, each message as long as the line is good. */
import { LinnetError } from '../errors.js';
import {
  FRAME_ESCAPE,
  FRAME_FLAG,
  MessageHeader,
  MessageType,
  REPLY,
  ReplyType,
  UploadData,
  UploadReply,
} from '../schema/link.js';
import { STATUS } from '../schema/status.js';
import type { Values } from '../schema/struct.js';
import type { LinkClient } from './client.js';
import type { Retry } from './retry.js';
import type { UploadOptions } from './upload.js';

export type UploadState = Values<typeof UploadReply.fields>;

/** Bytes of the image in a message on a bad line: of a hundred bytes one may be damaged. */
const MIN_CHUNK = 32;
/** Of short messages: so many that hardly all are lost, and few, for what follows a lost one is sent in vain. */
const MOST_FLIGHTS = 8;
/** Most losses show in the next answer before any clock tells, but messages that go alone have none behind them. */
const FIRST_TIMEOUT_MS = 500;
const MIN_TIMEOUT_MS = 30;
/** Two messages and more are on the line: 0.09 ms a byte at 115200 baud. */
const MIN_TIMEOUT_MS_PER_BYTE = 0.25;
/** The first messages, which find out how good the line is. */
const FIRST_CHUNK = 64;
/** Messages that must arrive, one after another, before they are made twice as long. */
const GOOD_RUN = 8;
/** A frame less the image's bytes: header, UploadData and FCS, at worst all escaped, and two flags. */
const FRAME_OVERHEAD = 2 * (MessageHeader.size + UploadData.size + 4) + 2;

/** A message that is not answered yet. */
interface Flight {
  readonly end: number;
  readonly bytesOnLine: number;
  readonly release: () => void;
  /** Sent before the stream went back, so it is no surprise that the board has no use for it. */
  stale: boolean;
}

/**
 * Sends what the board does not have. The line keeps messages in order, so an answer settles all that was sent before
 * what it answers, and an answer that wants earlier bytes shows that some were lost.
 */
export class UploadStream {
  /** Resolves when the board has everything. */
  readonly done: Promise<void>;
  /** Bytes the board may have on its way unanswered, as frames: what docs/link.md promises it can hold. */
  private readonly room: number;
  private readonly longest: number;
  /** One message at a time. */
  private readonly alone: boolean;
  private chunk: number;
  private goodRun = 0;
  private stored: number;
  private next: number;
  private flights: Flight[] = [];
  private retry: Retry | undefined;
  private ended = false;
  private finish!: (error?: unknown) => void;

  /** @param from the answer to upload_begin */
  constructor(
    private readonly client: LinkClient,
    private readonly image: Uint8Array,
    private readonly sha256: Uint8Array,
    from: UploadState,
    private readonly options: UploadOptions,
  ) {
    const fits = client.maxMessage - MessageHeader.size - UploadData.size;
    this.room = 2 * (client.maxMessage + 4) + 2;
    // Two at a time keep the line busy; one byte in 128 is escaped.
    this.longest = from.deaf ? fits : Math.min(fits, Math.floor((this.room / 2 - FRAME_OVERHEAD) * 0.97));
    this.alone = from.deaf === 1;
    this.chunk = Math.min(FIRST_CHUNK, this.longest);
    this.stored = this.next = from.next;
    this.done = new Promise<void>((resolve, reject) => {
      this.finish = (error) => {
        this.stop();
        if (error === undefined) resolve();
        else reject(error as Error);
      };
    });
    this.start();
  }

  private readonly onAbort = (): void => this.finish(this.options.signal!.reason);

  private start(): void {
    const { signal, onProgress } = this.options;
    if (signal?.aborted) return this.onAbort();
    signal?.addEventListener('abort', this.onAbort);
    onProgress?.(this.stored, this.image.length);
    this.goOn();
  }

  private stop(): void {
    this.ended = true;
    this.options.signal?.removeEventListener('abort', this.onAbort);
    this.retry?.stop(false);
    this.settle(this.flights.length);
  }

  private goOn(): void {
    if (this.ended) return;
    if (this.stored === this.image.length) return this.finish();
    this.retry ??= this.client.retry(
      MessageType.upload_data,
      () => this.timeout(),
      (error) => this.finish(error),
      { firstTimeout: FIRST_TIMEOUT_MS, minTimeout: MIN_TIMEOUT_MS + MIN_TIMEOUT_MS_PER_BYTE * this.chunk },
    );
    try {
      this.fillLine();
    } catch (error) {
      this.finish(error);
    }
  }

  private fillLine(): void {
    const most = this.alone ? 1 : MOST_FLIGHTS;
    while (this.next < this.image.length && this.flights.length < most) {
      const bytes = this.image.subarray(this.next, this.next + this.chunk);
      const bytesOnLine = escapedSize(bytes) + FRAME_OVERHEAD;
      const onLine = this.flights.reduce((sum, flight) => sum + flight.bytesOnLine, 0);
      if (this.flights.length > 0 && onLine + bytesOnLine > this.room) return;
      this.send(bytes, bytesOnLine);
    }
  }

  private send(bytes: Uint8Array, bytesOnLine: number): void {
    const id = this.client.nextId();
    const release = this.client.open(id, {
      onMessage: (type, payload) => this.answered(flight, type, payload),
      onClose: (error) => this.finish(error),
    });
    const flight: Flight = { end: this.next + bytes.length, bytesOnLine, release, stale: false };
    this.flights.push(flight);
    const place = UploadData.encode({ tag: [...this.sha256.subarray(0, 4)], offset: this.next });
    this.next = flight.end;
    this.client.send(MessageType.upload_data, id, Buffer.concat([place, bytes]));
  }

  private answered(flight: Flight, type: number, payload: Uint8Array): void {
    if (type === ReplyType.error) return this.finish(this.client.refusal(payload));
    const reply = type === MessageType.upload_data + REPLY ? UploadReply.decode(payload) : undefined;
    if (!reply || reply.next > this.image.length)
      return this.finish(LinnetError.fromStatus(STATUS.bad_message.code, this.client.name));
    // It never goes back, unless this is not the upload we began.
    if (reply.next < this.stored) return this.finish(LinnetError.fromStatus(STATUS.upload_lost.code, this.client.name));
    this.settle(this.flights.indexOf(flight) + 1);
    if (reply.next > this.stored) this.progress(reply.next);
    if (reply.next < flight.end && !flight.stale) this.goBack(2);
    else if (++this.goodRun % GOOD_RUN === 0) this.chunk = Math.min(2 * this.chunk, this.longest);
    this.goOn();
  }

  private progress(stored: number): void {
    this.stored = stored;
    this.next = Math.max(this.next, stored);
    this.retry?.stop(true);
    this.retry = undefined;
    this.options.onProgress?.(stored, this.image.length);
  }

  /** Nothing came for a while: whatever was on the line is lost. */
  private timeout(): void {
    this.settle(this.flights.length);
    this.goBack(4);
    this.goOn();
  }

  /** Some bytes were lost: again from there, in shorter messages. */
  private goBack(shorter: number): void {
    this.next = this.stored;
    this.goodRun = 0;
    this.chunk = Math.max(Math.floor(this.chunk / shorter), Math.min(MIN_CHUNK, this.longest));
    for (const flight of this.flights) flight.stale = true;
  }

  /** The first `count` messages need no answer any more. */
  private settle(count: number): void {
    for (const { release } of this.flights.splice(0, count)) release();
  }
}

function escapedSize(bytes: Uint8Array): number {
  let size = bytes.length;
  for (const byte of bytes) if (byte === FRAME_FLAG || byte === FRAME_ESCAPE) size++;
  return size;
}
