/** A byte stream to a board. The client knows only this; `openSerialPort` gives the real one. */
import type { LinnetError } from '../errors.js';

export interface Transport {
  /** What a person calls it: the port's path. */
  readonly name: string;
  /** Queues bytes. Never throws: a line that is gone says so through onClose. */
  write(bytes: Uint8Array): void;
  /** One listener; bytes that come before it is set are lost, as on any line nobody listens to. */
  onData(listener: (bytes: Uint8Array) => void): void;
  /** Called once, when the line is lost (port_lost) or after close() (closed). At once if it already happened. */
  onClose(listener: (error: LinnetError) => void): void;
  close(): Promise<void>;
}
