/** An emulated board: flashed, started, connected; closing the connection ends it. */
import { LinnetError } from '../errors.js';
import { connectTransport, type Board, type ConnectOptions } from '../link/board.js';
import { openSerialPort } from '../link/serial-port.js';
import type { Transport } from '../link/transport.js';
import { boardImage, sha256Of } from './board-image.js';
import { flashedFile, flashEmulated } from './emulated-flash.js';
import { emulatorEnded, startEmulator, type RunningEmulator } from './emulator.js';
import type { Exit } from './guarded-process.js';
import type { BoardSpec } from './registry.js';

/** Between the end of an emulator's PTY and its own, ms. */
const EXIT_PATIENCE_MS = 500;

/**
 * Boots a board in its emulator and says hello.
 * @param image flashed first; without one the board runs what it was flashed with last
 * @throws LinnetError of flashEmulated, startEmulator and connect
 */
export async function bootEmulated(spec: BoardSpec, image?: Uint8Array, options: ConnectOptions = {}): Promise<Board> {
  const flash = image ? await flashEmulated(spec, image) : await flashedFile(spec);
  try {
    const board = await connectTransport(await openEmulator(spec, await startEmulator(spec, flash.path)), options);
    if (image && board.info.sha256 !== sha256Of(boardImage(spec, image))) {
      await board.close();
      throw new LinnetError(
        'emulator_failed',
        'the board runs another model than it was flashed with',
        spec.name,
        'run it again',
      );
    }
    return board;
  } finally {
    await flash.release();
  }
}

async function openEmulator(spec: BoardSpec, emulator: RunningEmulator): Promise<Transport> {
  try {
    return new EmulatorTransport(spec, emulator, await openSerialPort(emulator.port, spec.uart.baud));
  } catch (error) {
    await emulator.stop();
    throw error;
  }
}

/** The serial port of an emulator, and the emulator with it: they end together. */
class EmulatorTransport implements Transport {
  readonly name: string;
  private closeListener: (error: LinnetError) => void = () => undefined;
  private closed: LinnetError | undefined;

  constructor(
    private readonly spec: BoardSpec,
    private readonly emulator: RunningEmulator,
    private readonly port: Transport,
  ) {
    this.name = `${spec.name} at ${port.name}`;
    port.onClose((error) => void this.portClosed(error));
    void emulator.exited.then((exit) => this.finish(this.ended(exit)));
  }

  write(bytes: Uint8Array): void {
    this.port.write(bytes);
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.port.onData(listener);
  }

  onClose(listener: (error: LinnetError) => void): void {
    this.closeListener = listener;
    if (this.closed) listener(this.closed);
  }

  async close(): Promise<void> {
    this.finish(new LinnetError('closed', 'the connection was closed', this.name, 'connect again'));
    await this.port.close();
    await this.emulator.stop();
  }

  /** A lost port mostly means that the emulator has just ended, which knows better why. */
  private async portClosed(error: LinnetError): Promise<void> {
    let timer: NodeJS.Timeout;
    const wait = new Promise<void>((resolve) => (timer = setTimeout(resolve, EXIT_PATIENCE_MS)));
    await Promise.race([this.emulator.exited, wait]);
    clearTimeout(timer!);
    this.finish(error);
  }

  private ended({ status, stderr }: Exit): LinnetError {
    const bySignal = status >= 128;
    return bySignal
      ? new LinnetError('port_lost', 'the emulator was ended while in use', this.name, 'run it again')
      : emulatorEnded(this.spec, { status, stderr });
  }

  private finish(error: LinnetError): void {
    if (this.closed) return;
    this.closed = error;
    this.closeListener(error);
  }
}
