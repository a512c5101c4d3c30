/** Programs that are killed at moments drawn with a seed, and what they must not leave behind. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { random } from '../../link/memory-transport.js';
import { linnet, MAIN, start, type Ended, type Running } from '../child.js';

const PATIENCE_MS = 10_000;

export const startLinnet = (...args: string[]): Running => start(process.execPath, [MAIN, ...args]);

/** How long a command takes that nobody disturbs, ms. */
export async function durationOf(...args: string[]): Promise<number> {
  const started = performance.now();
  const { code, err } = await linnet(args);
  if (code !== 0) throw new Error(`linnet ${args.join(' ')}: ${err}`);
  return performance.now() - started;
}

/** Moments within a duration, from its very start to a little after its end. */
export function moments(count: number, duration: number, seed: number): number[] {
  const next = random(seed);
  return Array.from({ length: count }, (_, i) => Math.round(((i + next()) / count) * 1.1 * duration));
}

export const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** SIGKILL, which no program can answer; then waits until the processes it had started have gone too. */
export async function kill(run: Running): Promise<Ended> {
  run.child.kill('SIGKILL');
  const ended = await run.ended;
  await nothingLeftOf(run);
  return ended;
}

/** @throws Error, if processes stay */
export async function nothingLeftOf(run: Running): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (run.descendants().length > 0) {
    if (performance.now() > deadline) throw new Error(`processes are left: ${run.descendants().join(', ')}`);
    await after(50);
  }
}

/** Files in the folder of an emulated board that are not its flash. */
export function strayFiles(home: string, board: string): string[] {
  const folder = join(home, 'boards', board);
  return existsSync(folder) ? readdirSync(folder).filter((name) => name !== 'flash.bin') : [];
}

/**
 * Whether it left a lock file of a pseudo-terminal, as minicom looks for it. That of another process does not count:
 * another test may have got the number of a terminal that is closed.
 */
export function isLockedBy(run: Running, port: string): boolean {
  const file = join('/var/lock', `LCK..${port.slice('/dev/'.length).replace('/', '_')}`);
  try {
    return Number(readFileSync(file, 'latin1')) === run.child.pid;
  } catch {
    return false; // there is none
  }
}
