/**
 * The program of a fresh process (cases/fresh.ts starts it): loads one model and tells its parent what that took.
 * Arguments: bare | linnet | peer | sessions, then the model's file. `sessions` and
 * how many: memory is what so many at once add.
 */
import { normalize } from 'node:path';
import type { Loaded } from './cases/fresh.js';

async function main([what, file, many]: string[]): Promise<Loaded> {
  bringInCompiler();
  if (what === 'bare') return { milliseconds: 0, rss: process.memoryUsage().rss };
  if (what === 'sessions') return sessions(file!, Number(many));
  const open = await opener(what!);
  const start = performance.now();
  const model = await open(file!);
  const milliseconds = performance.now() - start;
  const { rss } = process.memoryUsage();
  await model.close();
  return { milliseconds, rss };
}

/**
 * Has V8 optimize something, as every program does that runs for a while. Its compiler is 4 MB of resident memory, and
 * whether it comes to be used while a library is loaded hangs on trifles like the length of the path.
 */
function bringInCompiler(): void {
  for (let i = 0; i < 50_000; i++) normalize(__filename);
}

/** Each has brought its first token and waits for its next to be asked for. */
async function sessions(file: string, many: number): Promise<Loaded> {
  const { load } = await import('../index.js');
  const model = await load(file);
  const started = async (count: number) => {
    const streams = Array.from({ length: count }, () => model.generate('', { maxTokens: 100, temperature: 0 }));
    for (const stream of streams) await stream.next();
    return streams;
  };
  for (const stream of await started(10)) await stream.return?.();
  const start = performance.now();
  const before = process.memoryUsage().rss;
  const streams = await started(many);
  const rss = process.memoryUsage().rss - before;
  const milliseconds = performance.now() - start;
  for (const stream of streams) await stream.return?.();
  await model.close();
  return { milliseconds, rss };
}

/** Brings in the library: not part of the time, but of the memory. */
async function opener(what: string): Promise<(file: string) => Promise<{ close(): Promise<void> }>> {
  if (what === 'linnet') {
    const { load, nativeFloatKernels } = await import('../index.js');
    nativeFloatKernels(); // brings in the addon
    return load;
  }
  const { findPeer, openPeer } = await import('./onnx-runtime.js');
  const peer = await findPeer();
  return async (file) => {
    const session = await openPeer(peer!, file);
    return { close: () => session.release() };
  };
}

void main(process.argv.slice(2)).then((loaded) => process.send!(loaded, () => process.disconnect()));
