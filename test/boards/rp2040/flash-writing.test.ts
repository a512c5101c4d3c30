/** The firmware writes its own flash: uploads, and losses of power in the middle of them. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { connectTransport } from '../../../src/link/board.js';
import { builtBoards } from '../built-boards.js';
import { tinyModel } from '../tiny-model.js';
import { flashWith, InlineBoard, PICO } from './inline-board.js';

const built = builtBoards('pico').length > 0 ? describe : describe.skip;

const [OLD, NEW, NEWEST] = [tinyModel(3), tinyModel(4), tinyModel(5)];
const FIRST = PICO.image.origin - PICO.flash.origin;
const SECOND = PICO.image.upload!.origin - PICO.flash.origin;
const RECORDS = FIRST - 4096;
const RECORD_BYTES = 64;

/** As flash_slots.cc has it. */
function record(place: number, image: Uint8Array): Buffer {
  const bytes = Buffer.alloc(RECORD_BYTES);
  bytes.write('LNLV');
  bytes.writeUInt32LE(place, 4);
  bytes.set(image.subarray(8, 16), 8); // size and CRC, from the header
  createHash('sha256').update(image).digest().copy(bytes, 16);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
  return bytes;
}

async function nameOf(flash: Uint8Array): Promise<string> {
  const board = await connectTransport(new InlineBoard(flash));
  await board.close();
  return board.info.name;
}

/** @param onFlash as InlineBoard's */
async function upload(
  flash: Uint8Array,
  image: Uint8Array,
  onFlash?: (at: number, length: number) => void,
): Promise<void> {
  const board = await connectTransport(new InlineBoard(flash, onFlash));
  try {
    await board.upload(image);
  } finally {
    await board.close();
  }
}

class PowerLoss extends Error {}

/** Uploads until `changes` parts of flash were written, the last of them not to its end if it is to be torn. */
async function interrupted(flash: Uint8Array, image: Uint8Array, changes: number, torn: boolean): Promise<void> {
  const before = flash.slice();
  let count = 0;
  const run = upload(flash, image, (at, length) => {
    if (++count === changes) {
      const end = at + Math.min(length / 2, RECORD_BYTES / 2);
      if (torn) flash.set(before.subarray(end, at + length), end);
      throw new PowerLoss();
    }
    before.set(flash.subarray(at, at + length), at);
  });
  await expect(run).rejects.toThrow(PowerLoss);
}

/** How many parts of flash a whole upload writes. */
async function changesOf(flash: Uint8Array, image: Uint8Array): Promise<number> {
  let count = 0;
  await upload(flash.slice(), image, () => count++);
  return count;
}

built('an upload to a Pico', () => {
  test('goes to the place that is not live, turn by turn, and stays', async () => {
    const flash = flashWith(OLD);
    await upload(flash, NEW);
    expect(Buffer.compare(flash.subarray(SECOND, SECOND + NEW.length), NEW)).toBe(0);
    expect(Buffer.compare(flash.subarray(RECORDS, RECORDS + RECORD_BYTES), record(1, NEW))).toBe(0);
    expect(await nameOf(flash)).toBe('tiny-4');
    await upload(flash, NEWEST);
    expect(Buffer.compare(flash.subarray(FIRST, FIRST + NEWEST.length), NEWEST)).toBe(0);
    expect(await nameOf(flash)).toBe('tiny-5');
  });

  test('that loses its power anywhere leaves the old model, or at its end the new one', async () => {
    const start = flashWith(OLD);
    start.fill(0, SECOND, SECOND + NEW.length); // so that it is erased first
    const changes = await changesOf(start, NEW);
    for (const [cut, torn, expected] of [
      [1, true, 'tiny-3'],
      [20, true, 'tiny-3'],
      [changes - 1, false, 'tiny-3'],
      [changes, true, 'tiny-3'],
      [changes, false, 'tiny-4'],
    ] as const) {
      const flash = start.slice();
      await interrupted(flash, NEW, cut, torn);
      expect([cut, torn, await nameOf(flash)]).toEqual([cut, torn, expected]);
      // And it can be done again.
      if (cut !== changes || !torn) continue;
      await upload(flash, NEWEST);
      expect(await nameOf(flash)).toBe('tiny-5');
    }
  });

  test.each([
    ['first', 0],
    ['second', 1],
  ] as const)('with no room for its record, the %s place live, loses no model either', async (_name, live) => {
    const start = flashWith(OLD);
    if (live === 1) {
      start.copyWithin(SECOND, FIRST, FIRST + OLD.length);
      start.fill(0, FIRST, FIRST + OLD.length);
    }
    start.fill(0, RECORDS, FIRST); // used up
    start.set(record(live, OLD), RECORDS);
    expect(await nameOf(start)).toBe('tiny-3');
    const changes = await changesOf(start, NEW);
    // The last two are the sector of records, erased, and a record. Without any the first place is live.
    const erased = live === 0 ? 'tiny-3' : 'tiny-4';
    for (const [cut, torn, expected] of [
      [changes - 2, false, 'tiny-3'],
      [changes - 1, true, erased],
      [changes, true, erased],
    ] as const) {
      const flash = start.slice();
      await interrupted(flash, NEW, cut, torn);
      expect([cut, torn, await nameOf(flash)]).toEqual([cut, torn, expected]);
    }
  });

  test('is not taken for one of before, whose record is still there', async () => {
    // Somebody wrote a model over the second place: its record counts no more.
    const start = flashWith(OLD);
    start.set(record(1, NEW), RECORDS);
    expect(await nameOf(start)).toBe('tiny-3');
    await interrupted(start, NEW, 5, false);
    expect(await nameOf(start)).toBe('tiny-3');
  });

  test('that is damaged on its way into flash is refused, and the old model answers', async () => {
    const flash = flashWith(OLD);
    const run = upload(flash, NEW, (at) => {
      if (at === SECOND) flash.fill(0, at, at + 128);
    });
    await expect(run).rejects.toMatchObject({ code: expect.stringMatching(/hash_mismatch|upload_failed/) });
    expect(await nameOf(flash)).toBe('tiny-3');
  });
});
