/** The Io a command gets: streams, --json, the signal that ends it. */
import type { Io } from './command.js';

/** Where a run of the program reads and writes; `process` in life, buffers in tests. */
export interface World {
  readonly out: Io['out'];
  readonly err: Io['err'];
  readonly input: Io['input'];
  readonly signal: AbortSignal;
}

export function createIo(world: World, json: boolean): Io {
  return {
    ...world,
    json,
    emit: (value) => void world.out.write(JSON.stringify(value) + '\n'),
    note: (line) => void world.err.write(line + '\n'),
  };
}

/** Waits until everything written has been handed to the system, or has failed. */
export function flush(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
