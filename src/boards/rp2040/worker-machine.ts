/** An emulated Pico in a thread of its own, which it takes all of while it computes. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { LinnetError } from '../../errors.js';
import type { Transport } from '../../link/transport.js';
import type { Machine } from '../machine.js';
import type { BoardSpec } from '../registry.js';
import type { WorkerTask } from './worker.js';

/** A thread that does not look at its messages is ended all the same. */
const STOP_PATIENCE_MS = 1000;

/**
 * @param flashFile what the board's flash holds
 * @param keepIn file that keeps what the firmware writes to it
 * @throws LinnetError emulator_failed
 */
export async function startRp2040(board: BoardSpec, flashFile: string, keepIn: string): Promise<Machine> {
  const machine = new WorkerMachine(board, { flashFile, flashBytes: board.flash.bytes, keepIn });
  const failure = await Promise.race([machine.ready, machine.ended]);
  if (failure) throw failure;
  return machine;
}

class WorkerMachine implements Machine {
  /** It has read its flash. */
  readonly ready: Promise<undefined>;
  readonly ended: Promise<LinnetError>;
  private readonly worker: Worker;
  private line: Line | undefined;
  private stopped = false;
  private failure: LinnetError | undefined;

  constructor(
    private readonly board: BoardSpec,
    task: WorkerTask,
  ) {
    this.worker = startWorker({ workerData: task, execArgv: [] });
    this.ready = new Promise((resolve) => this.worker.once('message', () => resolve(undefined)));
    this.worker.on('message', (message: Uint8Array | 'ready') => {
      if (message !== 'ready') this.line?.receive(message);
    });
    this.worker.on('error', (error: Error) => (this.failure = this.failed(error)));
    this.ended = new Promise((resolve) => this.worker.once('exit', () => resolve(this.end())));
  }

  open(): Promise<Transport> {
    if (this.line?.isOpen)
      return Promise.reject(
        new LinnetError('port_busy', 'the port is in use', this.board.name, 'close the program that holds it'),
      );
    this.line = new Line(this.worker);
    if (this.failure) this.line.end(this.failure);
    return Promise.resolve(this.line);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.worker.postMessage('stop');
    const timer = setTimeout(() => void this.worker.terminate(), STOP_PATIENCE_MS);
    await this.ended;
    clearTimeout(timer);
  }

  private end(): LinnetError {
    this.failure ??= this.stopped
      ? new LinnetError('closed', 'the emulator was stopped', this.board.name, 'start it again')
      : new LinnetError('port_lost', 'the emulator was ended while in use', this.board.name, 'run it again');
    this.line?.end(this.failure);
    return this.failure;
  }

  private failed(cause: Error): LinnetError {
    return new LinnetError(
      'emulator_failed',
      `the emulator of ${this.board.name} ended: ${cause.message}`,
      this.board.name,
      `run it again; "linnet flash ${this.board.name} <image>" if it stays so`,
      { cause },
    );
  }
}

/** Compiled, the thread's program lies beside this file; run from source, it is compiled as it is loaded. */
function startWorker(options: WorkerOptions): Worker {
  const compiled = join(__dirname, 'worker.js');
  if (existsSync(compiled)) return new Worker(compiled, options);
  const loader = createRequire(__filename).resolve('tsx/cjs');
  const source = [loader, join(__dirname, 'worker.ts')].map((path) => `require(${JSON.stringify(path)});`);
  return new Worker(source.join(''), { ...options, eval: true });
}

/** The serial line of the emulated board. */
class Line implements Transport {
  readonly name = 'rp2040js';
  private dataListener: (bytes: Uint8Array) => void = () => undefined;
  private closeListener: (error: LinnetError) => void = () => undefined;
  private closed: LinnetError | undefined;

  constructor(private readonly worker: Worker) {}

  get isOpen(): boolean {
    return this.closed === undefined;
  }

  write(bytes: Uint8Array): void {
    if (this.isOpen) this.worker.postMessage(bytes.slice());
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.dataListener = listener;
  }

  onClose(listener: (error: LinnetError) => void): void {
    this.closeListener = listener;
    if (this.closed) listener(this.closed);
  }

  close(): Promise<void> {
    this.end(new LinnetError('closed', 'the connection was closed', this.name, 'connect again'));
    return Promise.resolve();
  }

  receive(bytes: Uint8Array): void {
    if (this.isOpen) this.dataListener(bytes);
  }

  end(error: LinnetError): void {
    if (this.closed) return;
    this.closed = error;
    this.closeListener(error);
  }
}
