/**
 * The program of a fresh process (cases/fresh.ts starts it): loads one model and tells its parent what that took.
 * Arguments: bare | linnet | peer, then the model's file.
 */
import type { Loaded } from './cases/fresh.js';

async function main([what, file]: string[]): Promise<Loaded> {
  if (what === 'bare') return { milliseconds: 0, rss: process.memoryUsage().rss };
  const open = await opener(what!);
  const start = performance.now();
  const model = await open(file!);
  const milliseconds = performance.now() - start;
  const { rss } = process.memoryUsage();
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
