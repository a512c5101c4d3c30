/**
 * Frames on a serial line: RFC 1662 byte stuffing with a CRC-32 (docs/link.md, Frames).
 *
 *     0x7E  escaped( message, CRC-32 of message as u32 little-endian )  0x7E
 *
 * Every frame begins and ends with a flag. Bytes outside frames are the console's text.
 */
import { crc32 } from 'node:zlib';
import { FRAME_ESCAPE, FRAME_FLAG, FRAME_XOR, MAX_MESSAGE } from '../schema/link.js';

const FCS_SIZE = 4;
const CR = 0x0d;
const LF = 0x0a;

export type FrameEvent =
  | { readonly type: 'message'; readonly message: Uint8Array }
  /** Console text, in the pieces it arrived in. */
  | { readonly type: 'text'; readonly bytes: Uint8Array };

/** The bytes to send for one message. */
export function encodeFrame(message: Uint8Array): Uint8Array {
  const fcs = new Uint8Array(FCS_SIZE);
  new DataView(fcs.buffer).setUint32(0, crc32(message), true);
  const out: number[] = [FRAME_FLAG];
  for (const bytes of [message, fcs])
    for (const byte of bytes)
      if (byte === FRAME_FLAG || byte === FRAME_ESCAPE) out.push(FRAME_ESCAPE, byte ^ FRAME_XOR);
      else out.push(byte);
  out.push(FRAME_FLAG);
  return Uint8Array.from(out);
}

/**
 * Takes a byte stream apart. Holds at most one message; what is longer, damaged or cut is counted and dropped.
 *
 * After a damaged frame the decoder stays inside: the flag that ended it may be the one that begins the next,
 * so a single lost flag costs no more than the frames beside it. What then follows and cannot begin a message is
 * text again, and so is a flag among text with such a byte behind it: a `~`.
 */
export class FrameDecoder {
  /** Frames dropped so far. */
  badFrames = 0;
  private readonly buffer: Uint8Array;
  private length = 0;
  private inside = false;
  private escaped = false;
  private damaged = false;
  /** The flag before what is read now came among text: it may be a `~`. */
  private afterText = false;

  /** @param maxMessage longest message accepted, bytes, FCS not counted */
  constructor(maxMessage: number = MAX_MESSAGE) {
    this.buffer = new Uint8Array(maxMessage + FCS_SIZE);
  }

  push(bytes: Uint8Array): FrameEvent[] {
    const events: FrameEvent[] = [];
    const addText = (text: Uint8Array): void => void (text.length > 0 && events.push({ type: 'text', bytes: text }));
    let textStart = 0;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (byte === FRAME_FLAG) {
        if (!this.inside) addText(bytes.slice(textStart, i));
        const message = this.flag();
        if (message) events.push({ type: 'message', message });
        textStart = i + 1;
      } else if (this.inside && this.empty && !mayStartMessage(byte)) {
        this.inside = false;
        if (this.afterText) addText(Uint8Array.of(FRAME_FLAG));
        textStart = i;
      } else if (this.inside) {
        this.take(byte);
      }
    }
    if (!this.inside) addText(bytes.slice(textStart));
    return events;
  }

  /** A flag ends the frame being read, or begins one. Returns the message of a good frame. */
  private flag(): Uint8Array | undefined {
    const begins = !this.inside || this.empty;
    const message = begins || this.escaped || this.damaged ? undefined : this.checked();
    const afterText = !this.inside;
    this.begin();
    this.afterText = afterText;
    if (begins) return undefined;
    if (message) this.inside = false;
    else this.badFrames++;
    return message;
  }

  private get empty(): boolean {
    return this.length === 0 && !this.escaped && !this.damaged;
  }

  private begin(): void {
    this.inside = true;
    this.length = 0;
    this.escaped = false;
    this.damaged = false;
  }

  private take(byte: number): void {
    if (byte === FRAME_ESCAPE) {
      if (this.escaped) this.damaged = true; // an escaped escape is never sent: this frame is damaged
      this.escaped = true;
      return;
    }
    if (this.length === this.buffer.length) this.damaged = true;
    else this.buffer[this.length++] = this.escaped ? byte ^ FRAME_XOR : byte;
    this.escaped = false;
  }

  private checked(): Uint8Array | undefined {
    const size = this.length - FCS_SIZE;
    if (size < 1) return undefined;
    const message = this.buffer.slice(0, size);
    const fcs = new DataView(this.buffer.buffer).getUint32(size, true);
    return crc32(message) === fcs ? message : undefined;
  }
}

/** Types are control characters, and not the two that end a line of text (docs/link.md). */
function mayStartMessage(byte: number): boolean {
  return byte < 0x20 && byte !== CR && byte !== LF;
}
