import type { OpOf } from '../../../image/ops.js';
import type { Image } from '../../../image/read.js';
import { GruReset } from '../../../schema/image.js';
import { roundShift, sat16, sigmoid, tanh, toQ07 } from '../fixed-point.js';
import type { Kernel } from './kernel.js';
import { recurrent, type Terms } from './recurrent.js';

/** One GRU layer, gates r, z, n; hidden Q0.7, the wide state Q1.30. */
export function gru(image: Image, op: OpOf<'gru'>): Kernel {
  const candidates = op.reset === GruReset.after ? resetAfter : resetBefore;
  return recurrent(image, op, op.wide, (terms, out, wide) => {
    const size = out.length;
    const r = gates(terms, 0, size);
    const z = gates(terms, size, size);
    const n = candidates(terms, r, wide);
    for (let u = 0; u < size; u++) {
      wide[u] = roundShift((32768 - z[u]!) * 32768 * n[u]! + z[u]! * wide[u]!, 15);
      out[u] = toQ07(wide[u]!, 23);
    }
  });
}

/** Sigmoid gates of `size` units from row `first` on, Q0.15. */
function gates(terms: Terms, first: number, size: number): number[] {
  return Array.from({ length: size }, (_, u) => sigmoid(sat16(terms.input(first + u) + terms.recurrent(first + u))));
}

/** n of every unit, Q0.15; the reset gate acts on the product. */
function resetAfter(terms: Terms, r: readonly number[]): number[] {
  const first = 2 * r.length;
  return r.map((gate, u) => tanh(sat16(terms.input(first + u) + roundShift(gate * terms.recurrent(first + u), 15))));
}

/** n of every unit, Q0.15; the reset gate acts on the state, before the product. */
function resetBefore(terms: Terms, r: readonly number[], wide: Int32Array): number[] {
  const first = 2 * r.length;
  const kept = Int8Array.from(r, (gate, u) => toQ07(gate * wide[u]!, 38));
  return r.map((_, u) => tanh(sat16(terms.input(first + u) + terms.recurrent(first + u, kept))));
}
