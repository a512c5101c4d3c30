/** The thread an emulated Pico runs in. Messages both ways are bytes of its serial line; `stop` ends it. */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { FlashFile } from './flash-file.js';
import { Rp2040Machine } from './rp2040-machine.js';

export interface WorkerTask {
  /** File that flash is read from at the start; what it lacks to `flashBytes` is erased. */
  readonly flashFile: string;
  readonly flashBytes: number;
  /** File that keeps what the firmware writes to flash. */
  readonly keepIn: string;
}

/** Instructions between looks at the messages, 10 ms or less. */
const SLICE = 250_000;

const port = parentPort!;
const { flashFile, flashBytes, keepIn } = workerData as WorkerTask;

const flash = new Uint8Array(flashBytes).fill(0xff);
flash.set(readFileSync(flashFile).subarray(0, flashBytes));
const file = new FlashFile(keepIn, flash);
let outgoing: number[] = [];
const machine = new Rp2040Machine(flash, {
  onByte: (byte) => outgoing.push(byte),
  onFlash: (offset, length) => file.write(offset, length),
});

let asleepSince: number | undefined;
let next: NodeJS.Immediate | undefined;

function slice(): void {
  machine.run(SLICE);
  if (outgoing.length > 0) port.postMessage(Uint8Array.from(outgoing));
  outgoing = [];
  if (!machine.asleep) next = setImmediate(slice);
  else [next, asleepSince] = [undefined, performance.now()];
}

port.on('message', (message: Uint8Array | 'stop') => {
  if (message === 'stop') {
    clearImmediate(next);
    file.close();
    port.close();
    return;
  }
  if (asleepSince !== undefined) machine.sleep(performance.now() - asleepSince);
  asleepSince = undefined;
  machine.feed(message);
  next ??= setImmediate(slice);
});
port.postMessage('ready');
slice();
