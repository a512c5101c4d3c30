/** An emulated board that runs. */
import type { LinnetError } from '../errors.js';
import type { Transport } from '../link/transport.js';

export interface Machine {
  /** Opens its serial line, which has one user at a time. @throws LinnetError port_busy, or why it cannot be opened */
  open(): Promise<Transport>;
  /** Settles when it has ended: by itself, and why, or by stop(), with `closed`. */
  readonly ended: Promise<LinnetError>;
  /** Ends it and waits until it is gone. It also ends when this process does, however that happens. */
  stop(): Promise<void>;
}
