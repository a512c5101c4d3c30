/** Transport over the `serialport` package: UARTs, USB CDC, pseudo-terminals. */
import { SerialPort } from 'serialport';
import { LinnetError } from '../errors.js';
import type { Transport } from './transport.js';

export const DEFAULT_BAUD_RATE = 115200;
/** A port that was closed a moment ago may still be locked: a read of its old user ends only later. */
const BUSY_PATIENCE_MS = 500;

/**
 * Opens a port, 8N1, locked against a second user.
 * @throws LinnetError no_such_port, port_busy, port_denied
 */
export async function openSerialPort(path: string, baudRate: number = DEFAULT_BAUD_RATE): Promise<Transport> {
  const deadline = performance.now() + BUSY_PATIENCE_MS;
  for (;;) {
    const port = new SerialPort({ path, baudRate, autoOpen: false });
    const failure = await new Promise<Error | null>((resolve) => port.open(resolve));
    if (!failure) return new SerialPortTransport(port);
    const error = openError(path, failure);
    if (error.code !== 'port_busy' || performance.now() > deadline) throw error;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

class SerialPortTransport implements Transport {
  readonly name: string;
  private dataListener: (bytes: Uint8Array) => void = () => undefined;
  private closeListener: (error: LinnetError) => void = () => undefined;
  private closed: LinnetError | undefined;

  constructor(private readonly port: SerialPort) {
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
    this.closeListener(error);
  }
}

/** The binding reports errno only as text. */
function openError(path: string, cause: Error): LinnetError {
  const text = cause.message;
  if (/Cannot lock|busy|Access denied/i.test(text))
    return new LinnetError('port_busy', 'the port is in use', path, 'close the program that holds it', { cause });
  if (/Permission denied|Operation not permitted/i.test(text))
    return new LinnetError(
      'port_denied',
      'you may not open this port',
      path,
      'join the group that owns it ("sudo usermod -aG dialout $USER"), then log in again',
      { cause },
    );
  if (/No such (file|device)|File not found|cannot find/i.test(text))
    return new LinnetError(
      'no_such_port',
      'no such port',
      path,
      'plug the board in; "linnet boards" lists what is attached',
      {
        cause,
      },
    );
  return new LinnetError('no_such_port', 'this is not a serial port', path, '"linnet boards" lists what is attached', {
    cause,
  });
}
