/** A model for a running board, without flashing it (docs/link.md, Upload). */
import { createHash } from 'node:crypto';
import { LinnetError } from '../errors.js';
import type { Image } from '../image/read.js';
import { IMAGE_ALIGNMENT } from '../schema/image.js';
import { MessageType, UploadReply, UploadRequest } from '../schema/link.js';
import { STATUS } from '../schema/status.js';
import type { LinkClient } from './client.js';
import { sayHello, type BoardFacts } from './hello.js';
import { UploadStream, type UploadState } from './upload-stream.js';

export interface UploadOptions {
  /** Bytes the board has stored, of all of them. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /**
   * Ends the upload; the old model stays, and a later upload of the same image goes on from there. Once the board has
   * everything and checks it, nothing is ended any more.
   */
  readonly signal?: AbortSignal | undefined;
}

export interface UploadReport {
  /** Hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  /** Bytes the board had from an upload that was cut short; all, if it runs this model already. */
  readonly resumedAt: number;
  /** How long it stays on the board. */
  readonly keeps: 'until_reset' | 'for_good';
}

/** A board that is reset again and again gets nowhere. */
const MOST_RESTARTS = 8;
/** The board hashes and validates the image in one go; what comes meanwhile waits, and costs it nothing afterwards. */
const COMMIT_TIMING = { firstTimeout: 250, maxTimeout: 500, giveUp: 60_000, stuck: 120_000 };
/** Attempts to have the board stop what it does before it changes its model. */
const MOST_TAKEOVERS = 3;

/**
 * Uploads any bytes; whether they are a model that runs there is for the board to judge.
 * @returns what was done, and what the board says about itself afterwards
 * @throws LinnetError no_uploads, upload_too_large, upload_lost, upload_failed, hash_mismatch, out_of_memory, any code
 *   of an image that is refused, and those of LinkClient.request; the signal's reason. The old model then still runs
 */
export async function uploadImage(
  client: LinkClient,
  image: Uint8Array,
  options: UploadOptions = {},
): Promise<{ report: UploadReport; facts: BoardFacts }> {
  const digest = createHash('sha256').update(image).digest();
  const sha256 = digest.toString('hex');
  const request = UploadRequest.encode({ size: image.length, sha256: [...digest] });
  let resumedAt: number | undefined;
  for (let restarts = 0; ; restarts++) {
    const begun = await begin(client, request, options.signal);
    resumedAt ??= begun.next;
    try {
      await new UploadStream(client, image, digest, begun, options).done;
      await commit(client, request);
    } catch (error) {
      const forgotten = error instanceof LinnetError && error.code === 'upload_lost';
      if (!forgotten || restarts === MOST_RESTARTS) throw error;
      continue; // it was reset
    }
    const facts = await sayHello(client);
    if (facts.model?.sha256 !== sha256) throw otherModel(client);
    return {
      report: { sha256, bytes: image.length, resumedAt, keeps: begun.lasts ? 'for_good' : 'until_reset' },
      facts,
    };
  }
}

/** What can be known before the first byte. @throws LinnetError out_of_memory, with the bytes missing */
export function expectRoom({ header }: Image, facts: BoardFacts, where: string): void {
  const aligned = (bytes: number): number => Math.ceil(bytes / IMAGE_ALIGNMENT) * IMAGE_ALIGNMENT;
  const missing = aligned(header.state_bytes) + aligned(header.scratch_bytes) - facts.ramTotal;
  if (missing <= 0) return;
  throw new LinnetError(
    'out_of_memory',
    `the model needs ${missing} bytes of RAM more than the ${facts.ramTotal} that the board has for one`,
    where,
    STATUS.out_of_memory.remedy,
  );
}

async function begin(client: LinkClient, request: Uint8Array, signal: AbortSignal | undefined): Promise<UploadState> {
  try {
    return decode(client, await client.request(MessageType.upload_begin, request, { signal }));
  } catch (error) {
    if (!(error instanceof LinnetError && error.code === 'bad_message')) throw error;
    throw new LinnetError(
      'no_uploads',
      'the firmware on the board is older than uploads',
      client.name,
      'use "linnet flash", which renews the firmware too',
      { cause: error },
    );
  }
}

/** Ends what else the board does: the line is ours, so that is what noise on it has started at the console. */
async function commit(client: LinkClient, request: Uint8Array): Promise<void> {
  for (let takeovers = 0; ; takeovers++) {
    try {
      decode(client, await client.request(MessageType.upload_commit, request, { costly: true, timing: COMMIT_TIMING }));
      return;
    } catch (error) {
      const busy = error instanceof LinnetError && error.code === 'busy';
      if (!busy || takeovers === MOST_TAKEOVERS) throw error;
      await sayHello(client);
    }
  }
}

function decode(client: LinkClient, payload: Uint8Array): UploadState {
  const reply = UploadReply.decode(payload);
  if (!reply) throw LinnetError.fromStatus(STATUS.bad_message.code, client.name);
  return reply;
}

function otherModel(client: LinkClient): LinnetError {
  return new LinnetError(
    'upload_failed',
    'the board runs another model than the one it took',
    client.name,
    'upload it again',
  );
}
