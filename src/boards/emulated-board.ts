/** An emulated board: flashed, started, connected; closing the connection ends it. */
import { createHash } from 'node:crypto';
import { LinnetError } from '../errors.js';
import { connectTransport, type Board, type ConnectOptions } from '../link/board.js';
import type { Transport } from '../link/transport.js';
import { flashedFile, flashEmulated } from './emulated-flash.js';
import type { Machine } from './machine.js';
import type { BoardSpec } from './registry.js';
import { startMachine } from './start-machine.js';

/** Between the end of an emulator's serial line and its own, ms. */
const EXIT_PATIENCE_MS = 500;

/**
 * Boots a board in its emulator and says hello.
 * @param image flashed first; without one the board runs what it was flashed with last
 * @throws LinnetError of flashEmulated, startMachine and connect
 */
export async function bootEmulated(spec: BoardSpec, image?: Uint8Array, options: ConnectOptions = {}): Promise<Board> {
  const flash = image ? await flashEmulated(spec, image) : await flashedFile(spec);
  try {
    const board = await connectTransport(await openMachine(spec, await startMachine(spec, flash.path)), options);
    if (image && board.info.sha256 !== createHash('sha256').update(image).digest('hex')) {
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

async function openMachine(spec: BoardSpec, machine: Machine): Promise<Transport> {
  try {
    return new MachineTransport(spec, machine, await machine.open());
  } catch (error) {
    const why = await endOf(machine);
    await machine.stop();
    throw why ?? error;
  }
}

/** A lost port mostly means that the emulator has just ended, which knows better why. undefined: it goes on. */
async function endOf(machine: Machine): Promise<LinnetError | undefined> {
  let timer: NodeJS.Timeout;
  const wait = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), EXIT_PATIENCE_MS)));
  const end = await Promise.race([machine.ended, wait]);
  clearTimeout(timer!);
  return end;
}

/** The serial line of an emulated board, and its emulator with it: they end together. */
class MachineTransport implements Transport {
  readonly name: string;
  private closeListener: (error: LinnetError) => void = () => undefined;
  private closed: LinnetError | undefined;

  constructor(
    spec: BoardSpec,
    private readonly machine: Machine,
    private readonly port: Transport,
  ) {
    this.name = `${spec.name} at ${port.name}`;
    port.onClose((error) => void this.portClosed(error));
    void machine.ended.then((error) => this.finish(error));
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
    await this.machine.stop();
  }

  private async portClosed(error: LinnetError): Promise<void> {
    await endOf(this.machine);
    this.finish(error);
  }

  private finish(error: LinnetError): void {
    if (this.closed) return;
    this.closed = error;
    this.closeListener(error);
  }
}
