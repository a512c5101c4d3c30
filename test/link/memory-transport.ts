/** Two ends of a line in memory, and a line that damages what it carries. */
import { LinnetError } from '../../src/errors.js';
import type { Transport } from '../../src/link/transport.js';

export class MemoryTransport implements Transport {
  readonly name = 'memory';
  private other: MemoryTransport | undefined;
  private listener: (bytes: Uint8Array) => void = () => undefined;
  private closeListener: (error: LinnetError) => void = () => undefined;
  private closed: LinnetError | undefined;

  static pair(): [MemoryTransport, MemoryTransport] {
    const [a, b] = [new MemoryTransport(), new MemoryTransport()];
    a.other = b;
    b.other = a;
    return [a, b];
  }

  write(bytes: Uint8Array): void {
    const copy = bytes.slice();
    if (!this.closed) setImmediate(() => this.other!.listener(copy));
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.listener = listener;
  }

  onClose(listener: (error: LinnetError) => void): void {
    this.closeListener = listener;
    if (this.closed) listener(this.closed);
  }

  close(): Promise<void> {
    this.end(new LinnetError('closed', 'the connection was closed', this.name, ''));
    return Promise.resolve();
  }

  end(error: LinnetError): void {
    if (this.closed) return;
    this.closed = error;
    this.closeListener(error);
  }
}

/** mulberry32: small, seeded, good enough to damage bytes. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Loses, flips and doubles bytes in both directions; each happens to `rate` of the bytes. */
export class NoisyTransport implements Transport {
  readonly name: string;
  damaged = 0;
  private readonly next: () => number;

  constructor(
    private readonly line: Transport,
    private readonly rate: number,
    seed: number,
  ) {
    this.name = line.name;
    this.next = random(seed);
  }

  write(bytes: Uint8Array): void {
    this.line.write(this.damage(bytes));
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.line.onData((bytes) => listener(this.damage(bytes)));
  }

  onClose(listener: (error: LinnetError) => void): void {
    this.line.onClose(listener);
  }

  close(): Promise<void> {
    return this.line.close();
  }

  private damage(bytes: Uint8Array): Uint8Array {
    const out: number[] = [];
    for (const byte of bytes) {
      const dice = this.next();
      if (dice >= this.rate) {
        out.push(byte);
        continue;
      }
      this.damaged++;
      const kind = Math.floor(this.next() * 3);
      if (kind === 1) out.push(byte ^ (1 << Math.floor(this.next() * 8)));
      else if (kind === 2) out.push(byte, byte);
    }
    return Uint8Array.from(out);
  }
}
