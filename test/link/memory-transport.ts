/** Two ends of a line in memory, and a source of seeded numbers. */
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
