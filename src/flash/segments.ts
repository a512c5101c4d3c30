/** What is written where: firmware and model as pieces of the board's flash. */
import { flashImage } from '../boards/flash-image.js';
import type { BoardSpec } from '../boards/registry.js';
import { LinnetError } from '../errors.js';

export interface Segment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** The first begins with what starts the board: vector table or boot loader. Ascending, apart from each other. */
export type Segments = readonly [firmware: Segment, model: Segment];

/** @throws LinnetError out_of_memory, with the bytes missing; usage, if the model's memory there is no flash */
export function segmentsFor(board: BoardSpec, firmware: Uint8Array, image: Uint8Array): Segments {
  const { flash } = board;
  if (board.image.origin < flash.origin || board.image.origin >= flash.origin + flash.bytes)
    throw new LinnetError(
      'usage',
      `a model lies in ${board.image.memory} there, which no flashing reaches`,
      board.name,
      `flash the emulated ${board.name}: leave --port, --drive, --with and -o out`,
    );
  const whole = flashImage(board, firmware, image);
  // Where uploads last, a record of which model is live lies between, and must go: the one flashed is.
  const upTo = board.image.upload?.keeps === 'for_good' ? board.image.origin - flash.origin : firmware.length;
  return [
    { address: flash.origin, bytes: whole.subarray(0, upTo) },
    { address: board.image.origin, bytes: image },
  ];
}

/** One run of bytes from the first segment's address, erased flash between. */
export function flatten(segments: readonly Segment[]): Uint8Array {
  const origin = segments[0]!.address;
  const { address, bytes } = segments.at(-1)!;
  const flat = new Uint8Array(address - origin + bytes.length).fill(ERASED);
  for (const segment of segments) flat.set(segment.bytes, segment.address - origin);
  return flat;
}

export function totalBytes(segments: readonly Segment[]): number {
  return segments.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** Erased flash reads as ones. */
export const ERASED = 0xff;
