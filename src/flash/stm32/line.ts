/** A serial line to a boot loader: what comes in is asked for, byte by byte, and never waited for without end. */
import type { LinnetError } from '../../errors.js';
import type { Transport } from '../../link/transport.js';

/** Nothing, or too little, came in time. */
export class Silence extends Error {}

export class Line {
  private received: number[] = [];
  private lost: LinnetError | undefined;
  private wake: () => void = () => undefined;

  /** @param signal aborts whatever waits, with its reason */
  constructor(
    private readonly transport: Transport,
    private readonly signal?: AbortSignal,
  ) {
    transport.onData((bytes) => {
      for (const byte of bytes) this.received.push(byte);
      this.wake();
    });
    transport.onClose((error) => {
      this.lost = error;
      this.wake();
    });
  }

  get name(): string {
    return this.transport.name;
  }

  write(bytes: ArrayLike<number>): void {
    this.transport.write(Uint8Array.from(bytes));
  }

  /** @throws Silence, LinnetError port_lost, the signal's reason */
  async read(count: number, timeoutMs: number): Promise<number[]> {
    const deadline = performance.now() + timeoutMs;
    while (this.received.length < count) {
      const left = deadline - performance.now();
      if (left <= 0) throw new Silence(`${this.received.length} of ${count} bytes came`);
      await this.change(left);
    }
    return this.received.splice(0, count);
  }

  /** Drops what comes until nothing has come for a while. @returns how many bytes came */
  async drain(quietMs: number): Promise<number> {
    let dropped = 0;
    for (;;) {
      dropped += this.received.splice(0).length;
      await this.change(quietMs);
      if (this.received.length === 0) return dropped;
    }
  }

  /** Waits for more bytes, or until the time is up. */
  private async change(timeoutMs: number): Promise<void> {
    this.signal?.throwIfAborted();
    if (this.lost) throw this.lost;
    let timer: NodeJS.Timeout;
    const { signal } = this;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
      this.wake = resolve;
      signal?.addEventListener('abort', this.wake, { once: true });
    });
    clearTimeout(timer!);
    signal?.removeEventListener('abort', this.wake);
    signal?.throwIfAborted();
    if (this.lost) throw this.lost;
  }
}
