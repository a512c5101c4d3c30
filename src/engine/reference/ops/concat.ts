import { inputsOf, type OpOf } from '../../../image/ops.js';
import type { Image } from '../../../image/read.js';
import type { Kernel } from './kernel.js';

/** Inputs one after another, at every step if they run over time. */
export function concat(_image: Image, op: OpOf<'concat'>): Kernel {
  return (memory) => {
    const out = memory.i8(op.output);
    let at = 0;
    for (let t = 0; t < memory.time(op.output); t++)
      for (const id of inputsOf(op)) {
        const channels = memory.features(id);
        out.set(memory.i8(id).subarray(t * channels, (t + 1) * channels), at);
        at += channels;
      }
  };
}
