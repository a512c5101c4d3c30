/** What processes hold, and whether it grows. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Memory in bytes, open files as a number. */
export interface Sample {
  readonly heap: number;
  readonly rss: number;
  readonly files: number;
  readonly boardRss: number;
  readonly boardFiles: number;
}

/**
 * What may be added between the first third and the last, once the first tenth is over: memory that the collector, the
 * allocator and an emulator's cache of translated code have not given back. No file may stay open.
 */
export const MOST_GROWTH: Sample = {
  heap: 4 << 20,
  rss: 48 << 20,
  files: 0,
  boardRss: 16 << 20,
  boardFiles: 0,
};

const MEASURES = Object.keys(MOST_GROWTH) as (keyof Sample)[];

/** A full collection, so that what is left is what somebody holds. */
const collect = (() => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

/** @param group process group of the board, if it is a process */
export function measure(group?: number): Sample {
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  const own = { heap: heapUsed + external, rss, files: filesOf('self') };
  if (group === undefined) return { ...own, boardRss: 0, boardFiles: 0 };
  const members = processesOf(group);
  return {
    ...own,
    boardRss: members.reduce((sum, pid) => sum + rssOf(pid), 0),
    boardFiles: members.reduce((sum, pid) => sum + filesOf(pid), 0),
  };
}

/** From the least of the first third to the least of the last, after a warm-up of a tenth. */
export function growth(samples: readonly Sample[]): Sample {
  const warm = samples.slice(Math.floor(samples.length / 10));
  const third = Math.max(1, Math.floor(warm.length / 3));
  const least = (some: readonly Sample[], what: keyof Sample): number => Math.min(...some.map((one) => one[what]));
  const grown = (what: keyof Sample): number => least(warm.slice(-third), what) - least(warm.slice(0, third), what);
  return Object.fromEntries(MEASURES.map((what) => [what, grown(what)])) as unknown as Sample;
}

/** What has grown beyond its limit, in words. */
export function leaks(grown: Sample): string[] {
  return MEASURES.filter((what) => grown[what] > MOST_GROWTH[what]).map(
    (what) => `${what} grew by ${grown[what]}, ${MOST_GROWTH[what]} is the most it may`,
  );
}

const filesOf = (pid: string | number): number => readdirSync(join('/proc', `${pid}`, 'fd')).length;

/** proc(5): /proc/[pid]/statm counts pages. */
function rssOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * 4096;
}

/**
 * Those that live: one that has ended and waits for its parent, or for the system's first process, to take note of it
 * does not count. proc(5): the fields of /proc/[pid]/stat after the name in brackets are state, parent, process group.
 */
export function processesOf(group: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
        const [state, , ofGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return state !== 'Z' && Number(ofGroup) === group;
      } catch {
        return false; // gone
      }
    });
}
