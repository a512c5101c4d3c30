/** Where buffers live in memory: those that are never needed at the same time may share bytes. */
import { IMAGE_ALIGNMENT } from '../schema/image.js';

export interface Lifetime {
  readonly bytes: number;
  /** First and last op that touches the buffer, both inclusive. */
  readonly first: number;
  readonly last: number;
}

export interface Plan {
  /** One a buffer, multiples of 16. */
  readonly offsets: readonly number[];
  /** Bytes of memory in all, a multiple of 16. */
  readonly extent: number;
}

export function align(bytes: number): number {
  return Math.ceil(bytes / IMAGE_ALIGNMENT) * IMAGE_ALIGNMENT;
}

/** The largest buffers first, each at the lowest place that is free during its whole life. */
export function planBuffers(buffers: readonly Lifetime[]): Plan {
  const offsets = new Array<number>(buffers.length).fill(0);
  const placed: number[] = [];
  const order = buffers.map((_, i) => i).sort((a, b) => buffers[b]!.bytes - buffers[a]!.bytes || a - b);
  for (const i of order) {
    const { bytes, first, last } = buffers[i]!;
    const rivals = placed
      .filter((j) => buffers[j]!.first <= last && first <= buffers[j]!.last)
      .sort((a, b) => offsets[a]! - offsets[b]!);
    let at = 0;
    for (const j of rivals) {
      if (at + bytes <= offsets[j]!) break;
      at = Math.max(at, align(offsets[j]! + buffers[j]!.bytes));
    }
    offsets[i] = at;
    placed.push(i);
  }
  const extent = buffers.reduce((end, { bytes }, i) => Math.max(end, align(offsets[i]! + bytes)), 0);
  return { offsets, extent };
}
