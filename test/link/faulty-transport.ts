/** A line that loses, flips, doubles and delays what it carries, the same way for the same seed. */
import type { LinnetError } from '../../src/errors.js';
import type { Transport } from '../../src/link/transport.js';
import { random } from './memory-transport.js';

/** Shares of the bytes of one direction that this happens to. */
export interface Faults {
  readonly drop?: number;
  /** One bit of it. */
  readonly flip?: number;
  readonly duplicate?: number;
  /** It and what follows come up to 20 ms later; the order stays. */
  readonly delay?: number;
}

export interface FaultyLine {
  readonly seed: number;
  readonly toBoard?: Faults;
  readonly fromBoard?: Faults;
}

/** Loses, flips or doubles this share of all bytes, both ways. */
export function evenly(rate: number, seed: number): FaultyLine {
  const faults: Faults = { drop: rate / 3, flip: rate / 3, duplicate: rate / 3 };
  return { seed, toBoard: faults, fromBoard: faults };
}

const LONGEST_DELAY_MS = 20;

/** One direction. */
class Channel {
  carried = 0;
  damaged = 0;
  delayed = 0;
  private readonly next: () => number;
  private readonly waiting: { bytes: Uint8Array; due: number }[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly faults: Faults,
    seed: number,
    private readonly deliver: (bytes: Uint8Array) => void,
  ) {
    this.next = random(seed);
  }

  carry(bytes: Uint8Array): void {
    let piece: number[] = [];
    let late = 0;
    const cut = (): void => {
      if (piece.length > 0) this.pass(Uint8Array.from(piece), late);
      piece = [];
      late = 0;
    };
    for (const byte of bytes) {
      this.carried++;
      if (this.happens(this.faults.delay)) {
        cut();
        late = this.next() * LONGEST_DELAY_MS;
        this.delayed++;
      }
      piece.push(...this.damage(byte));
    }
    cut();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.waiting.length = 0;
  }

  private damage(byte: number): number[] {
    const before = this.damaged++;
    if (this.happens(this.faults.drop)) return [];
    if (this.happens(this.faults.flip)) return [byte ^ (1 << Math.floor(this.next() * 8))];
    if (this.happens(this.faults.duplicate)) return [byte, byte];
    this.damaged = before;
    return [byte];
  }

  private happens(share = 0): boolean {
    return share > 0 && this.next() < share;
  }

  private pass(bytes: Uint8Array, late: number): void {
    const last = this.waiting.at(-1);
    if (!last && late === 0) return this.deliver(bytes);
    this.waiting.push({ bytes, due: Math.max(last?.due ?? 0, performance.now()) + late });
    if (!last) this.wait();
  }

  private wait(): void {
    this.timer = setTimeout(() => this.release(), this.waiting[0]!.due - performance.now());
  }

  private release(): void {
    const { bytes } = this.waiting[0]!;
    this.deliver(bytes);
    this.waiting.shift();
    if (this.waiting.length > 0) this.wait();
  }
}

export class FaultyTransport implements Transport {
  readonly name: string;
  private listener: (bytes: Uint8Array) => void = () => undefined;
  private readonly out: Channel;
  private readonly in: Channel;

  constructor(
    private readonly line: Transport,
    { seed, toBoard = {}, fromBoard = {} }: FaultyLine,
  ) {
    this.name = line.name;
    this.out = new Channel(toBoard, 2 * seed, (bytes) => line.write(bytes));
    this.in = new Channel(fromBoard, 2 * seed + 1, (bytes) => this.listener(bytes));
    line.onData((bytes) => this.in.carry(bytes));
  }

  /** Bytes that were lost, flipped or doubled. */
  get damaged(): number {
    return this.out.damaged + this.in.damaged;
  }

  /** Bytes that went in, both ways. */
  get carried(): number {
    return this.out.carried + this.in.carried;
  }

  write(bytes: Uint8Array): void {
    this.out.carry(bytes);
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.listener = listener;
  }

  onClose(listener: (error: LinnetError) => void): void {
    this.line.onClose(listener);
  }

  close(): Promise<void> {
    this.out.stop();
    this.in.stop();
    return this.line.close();
  }
}
