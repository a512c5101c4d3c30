/** Frames: what goes in comes out, however the stream is cut; what is damaged never comes out wrong. */
import fc from 'fast-check';
import { encodeFrame, FrameDecoder, type FrameEvent } from '../../src/link/frame.js';
import { FRAME_ESCAPE, FRAME_FLAG, MAX_MESSAGE } from '../../src/schema/link.js';

/** Types are control characters, but not CR and LF. */
const type = fc.integer({ min: 0, max: 0x1f }).filter((byte) => byte !== 0x0a && byte !== 0x0d);
const message = fc
  .tuple(type, fc.uint8Array({ maxLength: 79 }))
  .map(([first, rest]) => Uint8Array.from([first, ...rest]));
const text = fc.uint8Array({ maxLength: 30 }).map((bytes) => bytes.filter((byte) => byte !== FRAME_FLAG));
const pieces = fc.array(
  fc.oneof(
    message.map((m) => ({ message: m })),
    text.map((t) => ({ text: t })),
  ),
  { maxLength: 12 },
);

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

function messagesOf(events: readonly FrameEvent[]): Buffer[] {
  return events.flatMap((event) => (event.type === 'message' ? [Buffer.from(event.message)] : []));
}

function textOf(events: readonly FrameEvent[]): Buffer {
  return Buffer.concat(events.flatMap((event) => (event.type === 'text' ? [event.bytes] : [])));
}

test('the example of docs/link.md: a PING with an empty payload, request 1', () => {
  const frame = encodeFrame(Uint8Array.of(0x0e, 0, 1, 0));
  expect(frame[0]).toBe(FRAME_FLAG);
  expect(frame.at(-1)).toBe(FRAME_FLAG);
  expect([...frame.subarray(1, 5)]).toEqual([0x0e, 0, 1, 0]);
  // CRC-32/IEEE of 0e 00 01 00, least significant byte first.
  expect(Buffer.from(frame.subarray(5, -1)).toString('hex')).toBe(crcByHand([0x0e, 0, 1, 0]));
});

/** The bitwise definition, independent of zlib. */
function crcByHand(bytes: readonly number[]): string {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  const out = Buffer.alloc(4);
  out.writeUInt32LE(~crc >>> 0);
  return out.toString('hex');
}

test('flag and escape inside a message are escaped', () => {
  const frame = encodeFrame(Uint8Array.of(FRAME_FLAG, FRAME_ESCAPE, 1));
  expect([...frame.subarray(0, 6)]).toEqual([FRAME_FLAG, FRAME_ESCAPE, 0x5e, FRAME_ESCAPE, 0x5d, 1]);
  expect([...frame.subarray(1, -1)]).not.toContain(FRAME_FLAG);
});

test('messages and console text come out as they went in, split at every byte', () => {
  fc.assert(
    fc.property(pieces, (list) => {
      const stream = concat(list.map((p) => ('message' in p ? encodeFrame(p.message) : p.text)));
      const expected = list.flatMap((p) => ('message' in p ? [Buffer.from(p.message)] : []));
      const expectedText = Buffer.concat(list.flatMap((p) => ('text' in p ? [p.text] : [])));
      for (let cut = 0; cut <= stream.length; cut++) {
        const decoder = new FrameDecoder();
        const events = [...decoder.push(stream.subarray(0, cut)), ...decoder.push(stream.subarray(cut))];
        expect(messagesOf(events)).toEqual(expected);
        expect(textOf(events)).toEqual(expectedText);
        expect(decoder.badFrames).toBe(0);
      }
    }),
    { numRuns: 60 },
  );
});

test('byte by byte gives the same as at once', () => {
  fc.assert(
    fc.property(pieces, (list) => {
      const stream = concat(list.map((p) => ('message' in p ? encodeFrame(p.message) : p.text)));
      const whole = new FrameDecoder().push(stream);
      const decoder = new FrameDecoder();
      const single = [...stream].flatMap((byte) => decoder.push(Uint8Array.of(byte)));
      expect(messagesOf(single)).toEqual(messagesOf(whole));
      expect(textOf(single)).toEqual(textOf(whole));
    }),
  );
});

const damage = fc.oneof(
  fc.record({ kind: fc.constant('drop' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), bit: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ kind: fc.constant('insert' as const), at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), length: fc.integer({ min: 1, max: 40 }) }),
);

test('no damage ever makes a message that was not sent, and two clean frames later all is well', () => {
  fc.assert(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 8 }),
      fc.array(damage, { minLength: 1, maxLength: 6 }),
      (sent, damages) => {
        const bytes = [...concat(sent.map(encodeFrame))];
        for (const d of damages) {
          const at = d.at % Math.max(bytes.length, 1);
          if (d.kind === 'drop') bytes.splice(at, 1);
          else if (d.kind === 'flip') bytes[at]! ^= 1 << d.bit;
          else if (d.kind === 'insert') bytes.splice(at, 0, d.byte);
          else bytes.splice(at, d.length);
        }
        const decoder = new FrameDecoder();
        const known = new Set(sent.map((m) => Buffer.from(m).toString('hex')));
        for (const m of messagesOf(decoder.push(Uint8Array.from(bytes)))) expect(known).toContain(m.toString('hex'));
        const after = Uint8Array.of(0x11, 0, 9, 0, 42);
        const events = [...decoder.push(encodeFrame(after)), ...decoder.push(encodeFrame(after))];
        expect(messagesOf(events).at(-1)).toEqual(Buffer.from(after));
      },
    ),
    { numRuns: 2000 },
  );
});

test('one lost flag costs no more than the frames beside it', () => {
  const frames = [1, 2, 3, 4, 5].map((n) => encodeFrame(Uint8Array.of(0x12, 0, n, 0)));
  const stream = [...concat(frames)];
  stream.forEach((byte, at) => {
    if (byte !== FRAME_FLAG) return;
    const decoder = new FrameDecoder();
    const got = messagesOf(decoder.push(Uint8Array.from(stream.filter((_, i) => i !== at)))).length;
    expect(got).toBeGreaterThanOrEqual(3);
  });
});

test('a message may be as long as the limit and not a byte longer', () => {
  const decoder = new FrameDecoder();
  const longest = new Uint8Array(MAX_MESSAGE).fill(FRAME_FLAG).fill(0x0e, 0, 1);
  expect(messagesOf(decoder.push(encodeFrame(longest)))).toEqual([Buffer.from(longest)]);
  expect(decoder.push(encodeFrame(new Uint8Array(MAX_MESSAGE + 1)))).toEqual([]);
  expect(decoder.badFrames).toBe(1);
  const next = Uint8Array.of(1, 2, 3, 4);
  expect(messagesOf(decoder.push(encodeFrame(next)))).toEqual([Buffer.from(next)]);
});

test('an endless frame takes no more memory than a message', () => {
  const decoder = new FrameDecoder();
  decoder.push(Uint8Array.of(FRAME_FLAG));
  for (let i = 0; i < 100; i++) expect(decoder.push(new Uint8Array(10_000))).toEqual([]);
  decoder.push(Uint8Array.of(FRAME_FLAG));
  expect(decoder.badFrames).toBe(1);
});

/** Every way to cut the stream in two gives the same text and messages. */
function taken(stream: Uint8Array): { text: string; messages: Buffer[]; bad: number } {
  const results = Array.from({ length: stream.length + 1 }, (_, cut) => {
    const decoder = new FrameDecoder();
    const events = [...decoder.push(stream.subarray(0, cut)), ...decoder.push(stream.subarray(cut))];
    return { text: textOf(events).toString(), messages: messagesOf(events), bad: decoder.badFrames };
  });
  for (const result of results) expect(result).toEqual(results[0]);
  return results[0]!;
}

test('a tilde in console text is text, and hides no frame', () => {
  const ping = Uint8Array.of(0x1e, 0, 1, 0);
  const typed = (text: string): Uint8Array => new TextEncoder().encode(text);
  expect(taken(typed('~/models: 5 ~ 6\r\n~\r\n~~x~'))).toEqual({
    text: '~/models: 5 ~ 6\r\n~\r\nx', // two in a row are an empty frame, and the last one may begin one
    messages: [],
    bad: 0,
  });
  expect(taken(concat([typed('about ~5 s'), encodeFrame(ping), typed('~ done\n'), encodeFrame(ping)]))).toEqual({
    text: 'about ~5 s~ done\n',
    messages: [Buffer.from(ping), Buffer.from(ping)],
    bad: 0,
  });
});

test('text behind a damaged frame is seen again, without a tilde it never had', () => {
  const damaged = encodeFrame(Uint8Array.of(0x12, 0, 1, 0, 7));
  damaged[3]! ^= 1;
  expect(taken(concat([damaged, new TextEncoder().encode('> hello')]))).toEqual({
    text: '> hello',
    messages: [],
    bad: 1,
  });
});
