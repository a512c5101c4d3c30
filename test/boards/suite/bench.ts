/** An emulated board that stays on while programs connect to it, one after another. */
import { flashEmulated, type FlashFile } from '../../../src/boards/emulated-flash.js';
import { startEmulator } from '../../../src/boards/emulator.js';
import type { BoardSpec } from '../../../src/boards/registry.js';
import { startMachine } from '../../../src/boards/start-machine.js';
import { connectTransport, type Board, type ConnectOptions } from '../../../src/link/board.js';
import { openSerialPort } from '../../../src/link/serial-port.js';
import type { Transport } from '../../../src/link/transport.js';

export class Bench {
  private constructor(
    /** Its serial line. */
    readonly open: () => Promise<Transport>,
    /** Its process group; undefined: it is a thread. */
    readonly pid: number | undefined,
    /** Path of its pseudo-terminal, if it has one. */
    readonly port: string | undefined,
    private readonly end: () => Promise<void>,
  ) {}

  /** Flashes the board and turns it on. */
  static async start(spec: BoardSpec, image: Uint8Array): Promise<Bench> {
    const flash = await flashEmulated(spec, image);
    try {
      return await Bench.turnOn(spec, flash);
    } catch (error) {
      await flash.release();
      throw error;
    }
  }

  private static async turnOn(spec: BoardSpec, flash: FlashFile): Promise<Bench> {
    if (spec.emulator!.kind === 'rp2040js') {
      const machine = await startMachine(spec, flash.path);
      const stop = (): Promise<void> => machine.stop().then(() => flash.release());
      return new Bench(() => machine.open(), undefined, undefined, stop);
    }
    const { port, pid, stop } = await startEmulator(spec, flash.path);
    return new Bench(
      () => openSerialPort(port),
      pid,
      port,
      () => stop().then(() => flash.release()),
    );
  }

  async connected<T>(work: (board: Board) => Promise<T>, options: ConnectOptions = {}): Promise<T> {
    const board = await connectTransport(await this.open(), options);
    try {
      return await work(board);
    } finally {
      await board.close();
    }
  }

  async onLine<T>(work: (line: Transport) => Promise<T>): Promise<T> {
    const line = await this.open();
    try {
      return await work(line);
    } finally {
      await line.close();
    }
  }

  /** Of every process of it; not for threads. */
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    process.kill(-this.pid!, signal);
  }

  stop(): Promise<void> {
    return this.end();
  }
}
