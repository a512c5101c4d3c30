import { inputsOf, type OpOf } from '../../../image/ops.js';
import type { Image } from '../../../image/read.js';
import type { Kernel } from './kernel.js';

/** Inputs one after another. */
export function concat(_image: Image, op: OpOf<'concat'>): Kernel {
  return (memory) => {
    const out = memory.i8(op.output);
    let at = 0;
    for (const id of inputsOf(op)) {
      out.set(memory.i8(id), at);
      at += memory.features(id);
    }
  };
}
