/** An int8 activation seen as [time, width, channels], as long as it is now; one step if it has no time. */
import type { Memory } from '../memory.js';

export class Plane {
  readonly steps: number;
  readonly width: number;
  readonly values: Int8Array;

  constructor(
    memory: Memory,
    id: number,
    readonly channels: number,
  ) {
    this.steps = memory.time(id);
    this.width = memory.features(id) / channels;
    this.values = memory.i8(id);
  }

  has(y: number, x: number): boolean {
    return y >= 0 && y < this.steps && x >= 0 && x < this.width;
  }

  /** Index of channel 0 at a position. */
  index(y: number, x: number): number {
    return (y * this.width + x) * this.channels;
  }
}
