/** The upload memory of a simulated board, as docs/link.md describes it; and what may go wrong with one. */
import { createHash } from 'node:crypto';
import { MessageType, UploadData, UploadReply, UploadRequest } from '../../src/schema/link.js';
import { STATUS } from '../../src/schema/status.js';

export interface Faults {
  readonly room?: number;
  readonly lasts?: number;
  readonly deaf?: number;
  /** Bytes of RAM HELLO tells. */
  readonly ram?: number;
  /** Is reset each time it has stored so many bytes more: knows nothing of the upload afterwards. */
  readonly resetEvery?: number;
  /** Commits are answered so, as often as there are statuses. */
  readonly commitStatus?: number[];
  /** Runs something else than it took. */
  readonly lies?: boolean;
}

export class SimulatedSlot {
  /** SHA-256 of the model that runs. */
  live: Uint8Array = new Uint8Array(32);
  stored = Buffer.alloc(0);
  commits = 0;
  begins = 0;
  /** Bytes of data in each message that came. */
  readonly chunks: number[] = [];
  private wanted: { size: number; sha256: number[] } | undefined;
  private sinceReset = 0;

  constructor(private readonly faults: Faults = {}) {}

  get ram(): number {
    return this.faults.ram ?? 1 << 20;
  }

  knows(type: number): boolean {
    return [MessageType.upload_begin, MessageType.upload_data, MessageType.upload_commit].includes(type as never);
  }

  /** As a reset does. */
  forget(): void {
    this.wanted = undefined;
    this.stored = Buffer.alloc(0);
    this.sinceReset = 0;
  }

  /** A payload, a status, or nothing at all. */
  take(type: number, payload: Uint8Array): Uint8Array | number | 'silence' {
    if (type === MessageType.upload_begin) return this.begin(UploadRequest.decode(payload)!);
    if (type === MessageType.upload_data) return this.data(payload);
    return this.commit(UploadRequest.decode(payload)!);
  }

  private begin(request: { size: number; sha256: number[] }): Uint8Array | number {
    this.begins++;
    if (this.runs(request)) return this.reply(request.size);
    if (this.is(request)) return this.reply(this.stored.length);
    const room = this.faults.room ?? 1 << 20;
    if (room === 0) return STATUS.no_uploads.code;
    if (request.size > room) return STATUS.upload_too_large.code;
    this.forget();
    this.wanted = request;
    return this.reply(0);
  }

  private data(payload: Uint8Array): Uint8Array | number | 'silence' {
    const { tag, offset } = UploadData.decode(payload)!;
    const bytes = payload.subarray(UploadData.size);
    this.chunks.push(bytes.length);
    if (!this.wanted || tag.some((byte, i) => byte !== this.wanted!.sha256[i])) return STATUS.upload_lost.code;
    if (offset !== this.stored.length) return this.reply(this.stored.length);
    this.stored = Buffer.concat([this.stored, bytes]);
    this.sinceReset += bytes.length;
    if (this.sinceReset < (this.faults.resetEvery ?? Infinity)) return this.reply(this.stored.length);
    this.forget();
    return 'silence';
  }

  private commit(request: { size: number; sha256: number[] }): Uint8Array | number {
    if (this.runs(request)) return this.reply(request.size);
    if (!this.is(request)) return STATUS.upload_lost.code;
    const status = this.faults.commitStatus?.shift();
    if (status !== undefined) return status;
    const digest = createHash('sha256').update(this.stored).digest();
    if (!digest.equals(Uint8Array.from(request.sha256))) return STATUS.hash_mismatch.code;
    this.commits++;
    this.live = this.faults.lies ? new Uint8Array(32) : digest;
    return this.reply(request.size);
  }

  private runs({ sha256 }: { sha256: number[] }): boolean {
    return Buffer.compare(this.live, Uint8Array.from(sha256)) === 0;
  }

  private is({ size, sha256 }: { size: number; sha256: number[] }): boolean {
    return this.wanted?.size === size && this.wanted.sha256.every((byte, i) => byte === sha256[i]);
  }

  private reply(next: number): Uint8Array {
    return UploadReply.encode({ next, lasts: this.faults.lasts ?? 0, deaf: this.faults.deaf ?? 0, reserved: 0 });
  }
}
