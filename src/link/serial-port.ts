/** Transport over the `serialport` package: UARTs, USB CDC, pseudo-terminals. */
import { realpath } from 'node:fs/promises';
import { SerialPort } from 'serialport';
import { LinnetError } from '../errors.js';
import { busyError, openError } from './port-errors.js';
import type { Transport } from './transport.js';
import { takeUucpLock } from './uucp-lock.js';

export const DEFAULT_BAUD_RATE = 115200;
/** A port that was closed a moment ago may still be locked: a read of its old user ends only later. */
const BUSY_PATIENCE_MS = 500;

/** Boot loaders may want even parity. */
export type Parity = 'none' | 'even';

/**
 * Opens a port with 8 data bits and 1 stop bit, locked against a second user.
 * @throws LinnetError no_such_port, port_busy, port_denied
 */
export async function openSerialPort(
  path: string,
  baudRate: number = DEFAULT_BAUD_RATE,
  parity: Parity = 'none',
): Promise<Transport> {
  const deadline = performance.now() + BUSY_PATIENCE_MS;
  for (;;) {
    const opened = await tryToOpen(path, baudRate, parity);
    if (!(opened instanceof LinnetError)) return opened;
    if (opened.code !== 'port_busy' || performance.now() > deadline) throw opened;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function tryToOpen(path: string, baudRate: number, parity: Parity): Promise<Transport | LinnetError> {
  const port = new SerialPort({ path, baudRate, parity, autoOpen: false });
  const failure = await new Promise<Error | null>((resolve) => port.open(resolve));
  if (failure) return openError(path, failure);
  const lock = await takeUucpLock(await realpath(path).catch(() => path));
  if (lock.heldBy === undefined) return new SerialPortTransport(port, lock.release);
  await new Promise<void>((resolve) => port.close(() => resolve()));
  return busyError(path);
}

class SerialPortTransport implements Transport {
  readonly name: string;
  private dataListener: (bytes: Uint8Array) => void = () => undefined;
  private closeListener: (error: LinnetError) => void = () => undefined;
  private closed: LinnetError | undefined;

  constructor(
    private readonly port: SerialPort,
    private readonly unlock: () => void,
  ) {
    this.name = port.path;
    // A lost port shows only while somebody reads, so the listener stays on from open to close.
    port.on('data', (bytes: Buffer) => this.dataListener(bytes));
    port.on('error', (error) => this.lose(error));
    port.on('close', (error?: Error | null) => this.lose(error ?? undefined));
  }

  write(bytes: Uint8Array): void {
    if (!this.closed && this.port.isOpen) this.port.write(Buffer.from(bytes));
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.dataListener = listener;
  }

  onClose(listener: (error: LinnetError) => void): void {
    this.closeListener = listener;
    if (this.closed) listener(this.closed);
  }

  async close(): Promise<void> {
    this.finish(new LinnetError('closed', 'the connection was closed', this.name, 'connect again'));
    if (!this.port.isOpen) return;
    await new Promise<void>((resolve) => this.port.close(() => resolve()));
  }

  private lose(cause: Error | undefined): void {
    const error = new LinnetError(
      'port_lost',
      'the port went away while in use',
      this.name,
      'check the cable and that the board has power, then run it again',
      { cause },
    );
    this.finish(error);
    if (this.port.isOpen) this.port.close(() => undefined);
  }

  private finish(error: LinnetError): void {
    if (this.closed) return;
    this.closed = error;
    this.unlock();
    this.closeListener(error);
  }
}
