/** The host's side of an upload: what it does when the line or the board fails. Boards here are simulated. */
import { createHash } from 'node:crypto';
import type { LinnetError } from '../../src/errors.js';
import { connectTransport, connectUploading } from '../../src/link/board.js';
import { LinkClient } from '../../src/link/client.js';
import { encodeFrame, FrameDecoder } from '../../src/link/frame.js';
import { uploadImage } from '../../src/link/upload.js';
import {
  FRAME_FLAG,
  MessageHeader,
  MessageType,
  MIN_MESSAGE,
  REPLY,
  ReplyType,
  StatusReply,
  UploadReply,
} from '../../src/schema/link.js';
import { STATUS } from '../../src/schema/status.js';
import { tinyModel } from '../boards/tiny-model.js';
import { evenly, FaultyTransport } from './faulty-transport.js';
import { MemoryTransport, random } from './memory-transport.js';
import { SimulatedBoard } from './simulated-board.js';
import { SimulatedSlot, type Faults } from './simulated-slot.js';

jest.setTimeout(20_000);

const FAST = { firstTimeout: 30, minTimeout: 10, maxTimeout: 100, giveUp: 1500, stuck: 3000 };
/** Where the board does answer in the end, however slow the machine. */
const PATIENT = { ...FAST, giveUp: 10_000, stuck: 15_000 };
const IMAGE = tinyModel(5);
const SHA256 = createHash('sha256').update(IMAGE).digest();

function simulated(faults: Faults = {}): { slot: SimulatedSlot; near: MemoryTransport; far: MemoryTransport } {
  const [near, far] = MemoryTransport.pair();
  const slot = new SimulatedSlot(faults);
  new SimulatedBoard(far, [], { slot });
  return { slot, near, far };
}

const failure = (work: Promise<unknown>): Promise<LinnetError> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: LinnetError) => error,
  );

test('a model arrives whole, each byte counted', async () => {
  const { slot, near } = simulated();
  const progress: number[] = [];
  const { report } = await uploadImage(new LinkClient(near, { timing: FAST }), IMAGE, {
    onProgress: (done, total) => {
      expect(total).toBe(IMAGE.length);
      progress.push(done);
    },
  });
  expect(report).toEqual({ sha256: SHA256.toString('hex'), bytes: IMAGE.length, resumedAt: 0, keeps: 'until_reset' });
  expect(Buffer.compare(slot.stored, IMAGE)).toBe(0);
  expect(slot.commits).toBe(1);
  expect(progress[0]).toBe(0);
  expect(progress.at(-1)).toBe(IMAGE.length);
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
});

test.each([1, 2, 3, 4])(
  'a model arrives whole while 1 %% of all bytes are damaged both ways, seed %i',
  async (seed) => {
    const { slot, near } = simulated();
    const noisy = new FaultyTransport(near, evenly(0.01, seed));
    const client = new LinkClient(noisy, { timing: PATIENT });
    await uploadImage(client, IMAGE.subarray(0, 6000));
    expect(Buffer.compare(slot.stored, IMAGE.subarray(0, 6000))).toBe(0);
    expect(slot.commits).toBe(1);
    expect(noisy.damaged).toBeGreaterThan(60);
  },
);

test('messages get short on a bad line, and long again when it is good', async () => {
  const { slot, near } = simulated();
  let damaged = 0;
  const next = random(3);
  const line = new Proxy(near, {
    get: (target, key) =>
      key === 'write'
        ? (bytes: Uint8Array) => {
            const lost = damaged < 12 && bytes.length > 120 && next() < 0.9;
            if (lost) damaged++;
            else target.write(bytes);
          }
        : ((Reflect.get(target, key) as { bind?: (to: object) => unknown }).bind?.(target) ?? Reflect.get(target, key)),
  });
  const large = tinyModel(5, 60_000);
  await uploadImage(new LinkClient(line, { timing: PATIENT }), large);
  expect(Buffer.compare(slot.stored, large)).toBe(0);
  expect(Math.min(...slot.chunks.slice(0, -1))).toBeLessThan(120);
  expect(slot.chunks.at(-2)).toBeGreaterThan(900);
});

/** What is on its way when a board that has answered 36 messages answers no more, as bytes on the line. */
async function unanswered(image: Uint8Array, deaf: number): Promise<{ messages: number; bytes: number }> {
  const [near, far] = MemoryTransport.pair();
  const slot = new SimulatedSlot({ deaf });
  const decoder = new FrameDecoder();
  let messages = -36;
  let bytes = 0;
  far.onData((chunk) => {
    for (const event of decoder.push(chunk)) {
      if (event.type !== 'message') continue;
      const { type, request } = MessageHeader.decode(event.message)!;
      if (type === MessageType.upload_data && ++messages > 0) {
        bytes += chunk.length;
        continue;
      }
      const header = MessageHeader.encode({ type: type + REPLY, reserved: 0, request });
      const reply = slot.take(type, event.message.subarray(MessageHeader.size));
      far.write(encodeFrame(Buffer.concat([header, reply as Uint8Array])));
    }
  });
  const stop = new AbortController();
  const patient = { firstTimeout: 60_000, minTimeout: 60_000, giveUp: 60_000 };
  const upload = failure(uploadImage(new LinkClient(near, { timing: patient }), image, { signal: stop.signal }));
  for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
  stop.abort(new Error('seen enough'));
  expect((await upload).message).toBe('seen enough');
  return { messages, bytes };
}

const LARGE = tinyModel(5, 30_000);

test.each([
  ['any bytes', 2, LARGE],
  ['bytes that are all escaped', 1, new Uint8Array(30_000).fill(FRAME_FLAG)],
])('no more is on its way than the board can hold: %s', async (_what, count, image) => {
  const { messages, bytes } = await unanswered(image, 0);
  expect(bytes).toBeLessThanOrEqual(2 * (1024 + 4) + 2);
  expect(messages).toBe(count);
});

test('a board that is deaf while it stores gets one message at a time', async () => {
  expect((await unanswered(LARGE, 1)).messages).toBe(1);
});

test('messages are no longer than the board takes', async () => {
  const { slot, near } = simulated();
  const client = new LinkClient(near, { timing: FAST });
  client.maxMessage = MIN_MESSAGE;
  await uploadImage(client, IMAGE);
  expect(Math.max(...slot.chunks)).toBeLessThanOrEqual(MIN_MESSAGE - 12);
  expect(slot.commits).toBe(1);
});

test('an upload that was stopped goes on where it was, with another host too', async () => {
  const { slot, near } = simulated({ lasts: 1 });
  const stop = new AbortController();
  const first = uploadImage(new LinkClient(near, { timing: FAST }), IMAGE, {
    signal: stop.signal,
    onProgress: (done) => {
      if (done > IMAGE.length / 2) stop.abort(new Error('enough'));
    },
  });
  expect((await failure(first)).message).toBe('enough');
  const had = slot.stored.length;
  expect(had).toBeGreaterThan(IMAGE.length / 2);
  expect(slot.commits).toBe(0);
  const { report } = await uploadImage(new LinkClient(near, { timing: FAST }), IMAGE);
  expect(report.resumedAt).toBeGreaterThanOrEqual(had);
  expect(report.keeps).toBe('for_good');
  expect(Buffer.compare(slot.stored, IMAGE)).toBe(0);
});

test('the model that runs already is not sent again', async () => {
  const { slot, near } = simulated();
  slot.live = SHA256;
  const { report } = await uploadImage(new LinkClient(near, { timing: FAST }), IMAGE);
  expect(report.resumedAt).toBe(IMAGE.length);
  expect(slot.chunks).toHaveLength(0);
});

test('a board that is reset mid-way gets it from the start', async () => {
  let resets = 0;
  const { slot, near } = simulated();
  const { report } = await uploadImage(new LinkClient(near, { timing: FAST }), IMAGE, {
    onProgress: (done) => {
      if (resets < 3 && slot.begins > resets && done > 4000) {
        resets++;
        slot.forget();
      }
    },
  });
  expect(resets).toBe(3);
  expect(slot.begins).toBe(4);
  expect(Buffer.compare(slot.stored, IMAGE)).toBe(0);
  expect(report.resumedAt).toBe(0);
});

test('a board that is reset again and again ends in an error, not in a loop', async () => {
  const { near, slot } = simulated({ resetEvery: 3000 });
  const error = await failure(uploadImage(new LinkClient(near, { timing: FAST }), IMAGE));
  expect(error).toMatchObject({ code: 'upload_lost' });
  expect(slot.begins).toBe(9);
});

test('another host that begins mid-way ends in an error or in this model, never in a mixture', async () => {
  const { slot, near } = simulated();
  let taken = false;
  await uploadImage(new LinkClient(near, { timing: FAST }), IMAGE, {
    onProgress: (done) => {
      if (taken || done < 4000) return;
      taken = true;
      const sha256 = [...createHash('sha256').update('another').digest()];
      slot.take(
        MessageType.upload_begin,
        Buffer.concat([Buffer.from(Uint32Array.of(5000).buffer), Uint8Array.from(sha256)]),
      );
    },
  });
  expect(taken).toBe(true);
  expect(Buffer.compare(slot.stored, IMAGE)).toBe(0);
  expect(slot.live).toEqual(SHA256);
});

test('firmware that knows no uploads is told apart from a bad message', async () => {
  const [near, far] = MemoryTransport.pair();
  new SimulatedBoard(far, []);
  const error = await failure(uploadImage(new LinkClient(near, { timing: FAST }), IMAGE));
  expect(error).toMatchObject({ code: 'no_uploads', what: 'the firmware on the board is older than uploads' });
  expect(error.remedy).toContain('linnet flash');
});

test.each([
  ['no_uploads', { room: 0 }],
  ['upload_too_large', { room: 1000 }],
  ['hash_mismatch', { commitStatus: [STATUS.hash_mismatch.code] }],
  ['unsupported_layout', { commitStatus: [STATUS.unsupported_layout.code] }],
  ['out_of_memory', { commitStatus: [STATUS.out_of_memory.code] }],
  ['busy', { commitStatus: Array<number>(9).fill(STATUS.busy.code) }],
  ['upload_failed', { lies: true }],
] as const)('%s is an error of its own', async (code, faults) => {
  const { near } = simulated(faults as Faults);
  expect(await failure(uploadImage(new LinkClient(near, { timing: FAST }), IMAGE))).toMatchObject({ code });
});

test('a board whose console is busy with noise is made to stop', async () => {
  const { slot, near } = simulated({ commitStatus: [STATUS.busy.code, STATUS.busy.code] });
  await uploadImage(new LinkClient(near, { timing: FAST }), IMAGE);
  expect(slot.commits).toBe(1);
});

test('a model that needs more RAM than the board has is not sent at all', async () => {
  const { slot, near } = simulated({ ram: 16 });
  const error = await failure(connectUploading(near, IMAGE, { timing: FAST }));
  expect(error).toMatchObject({ code: 'out_of_memory' });
  expect(error.what).toMatch(/^the model needs \d+ bytes of RAM more than the 16/);
  expect(slot.begins).toBe(0);
});

test('what is no image is not sent at all', async () => {
  const { slot, near } = simulated();
  const board = await connectTransport(near, { timing: FAST });
  const damaged = IMAGE.slice();
  damaged[1000]! ^= 1;
  expect(await failure(board.upload(damaged))).toMatchObject({ code: 'crc_mismatch' });
  expect(slot.begins).toBe(0);
});

test('a line that is lost ends the upload at once, a silent board after a while', async () => {
  const lost = simulated();
  const error = failure(
    uploadImage(new LinkClient(lost.near, { timing: FAST }), IMAGE, {
      onProgress: (done) => {
        if (done > 3000) void lost.near.close();
      },
    }),
  );
  expect(await error).toMatchObject({ code: 'closed' });

  const silent = simulated();
  const gone = failure(
    uploadImage(new LinkClient(silent.near, { timing: FAST }), IMAGE, {
      onProgress: (done) => {
        if (done > 3000) silent.far.onData(() => undefined);
      },
    }),
  );
  expect(await gone).toMatchObject({ code: 'no_answer' });
});

test('answers that make no sense end the upload', async () => {
  const [near, far] = MemoryTransport.pair();
  const decoder = new FrameDecoder();
  far.onData((chunk) => {
    for (const event of decoder.push(chunk)) {
      if (event.type !== 'message') continue;
      const { type, request } = MessageHeader.decode(event.message)!;
      const next = type === MessageType.upload_begin ? 0 : IMAGE.length + 1;
      const header = MessageHeader.encode({ type: type + REPLY, reserved: 0, request });
      far.write(encodeFrame(Buffer.concat([header, UploadReply.encode({ next, lasts: 0, deaf: 0, reserved: 0 })])));
    }
  });
  const error = await failure(uploadImage(new LinkClient(near, { timing: FAST }), IMAGE));
  expect(error).toMatchObject({ code: 'bad_message' });
});

test('nothing is left of an upload that ended: late answers and refusals find nobody', async () => {
  const { near, far } = simulated();
  const client = new LinkClient(near, { timing: FAST });
  const ids: number[] = [];
  const decoder = new FrameDecoder();
  const stop = new AbortController();
  const forward = near.write.bind(near);
  near.write = (bytes) => {
    for (const event of decoder.push(bytes))
      if (event.type === 'message') ids.push(MessageHeader.decode(event.message)!.request);
    forward(bytes);
  };
  const first = failure(
    uploadImage(client, IMAGE, {
      signal: stop.signal,
      onProgress: (done) => done > 0 && stop.abort(new Error('stop')),
    }),
  );
  await first;
  for (const request of ids)
    far.write(
      encodeFrame(
        Buffer.concat([
          MessageHeader.encode({ type: ReplyType.error, reserved: 0, request }),
          StatusReply.encode({ status: STATUS.upload_lost.code, reserved: [] }),
        ]),
      ),
    );
  await uploadImage(client, IMAGE);
});
