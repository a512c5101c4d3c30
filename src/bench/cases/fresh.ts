/** What loading a model takes, in time and memory: each time in a process of its own, which had nothing warm. */
import { fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { median } from '../measure.js';
import type { Peer } from '../onnx-runtime.js';
import { onnxLanguageModel } from '../peers/onnx-lm.js';
import type { LanguageModel } from './language-model.js';

export interface Loaded {
  /** From a path to a model ready to use; the library was there already. */
  readonly milliseconds: number;
  /** Resident memory of the process then, bytes. */
  readonly rss: number;
}

/** At once. */
export const SESSIONS = 1_000;

const PROGRAM = join(__dirname, '..', `fresh-process${extname(__filename)}`);

/** Medians of several processes, by "linnet" and, if there is the peer, "ort_int8"; memory is that over bare Node. */
export async function freshProcesses(
  { graph, image }: LanguageModel,
  peer: Peer | undefined,
  rounds: number,
  signal?: AbortSignal,
): Promise<Record<string, Loaded>> {
  return inFolder(async (folder) => {
    const ours = join(folder, 'model.linnet');
    const theirs = join(folder, 'model.onnx');
    await writeFile(ours, image);
    if (peer) await writeFile(theirs, onnxLanguageModel(graph, { precision: 'int8', answer: 'next' }));
    const runs: Record<string, Loaded[]> = { bare: [], linnet: [], ...(peer ? { ort_int8: [] } : {}) };
    const command: Record<string, string[]> = { bare: ['bare'], linnet: ['linnet', ours], ort_int8: ['peer', theirs] };
    for (let round = 0; round < rounds; round++)
      for (const [name, samples] of Object.entries(runs)) {
        signal?.throwIfAborted();
        samples.push(await fresh(command[name]!));
      }
    const { bare, ...models } = runs;
    const floor = median(bare!.map(({ rss }) => rss));
    return Object.fromEntries(
      Object.entries(models).map(([name, samples]) => [
        name,
        {
          milliseconds: median(samples.map(({ milliseconds }) => milliseconds)),
          rss: median(samples.map(({ rss }) => rss)) - floor,
        },
      ]),
    );
  });
}

/** Resident memory that SESSIONS generations at once add to a process that has the model, bytes. */
export async function sessionsMemory({ image }: LanguageModel): Promise<number> {
  return inFolder(async (folder) => {
    const file = join(folder, 'model.linnet');
    await writeFile(file, image);
    return (await fresh(['sessions', file, String(SESSIONS)])).rss;
  });
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'linnet-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function fresh(args: readonly string[]): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    const child = fork(PROGRAM, args);
    child.once('message', (loaded) => resolve(loaded as Loaded));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the fresh process of ${args[0]} ended with ${code}`)));
  });
}
