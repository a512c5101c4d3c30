/** Where the weights of a matrix lie among the integers that stand for them. */
import type { QuantizedMatrix } from './layer-weights.js';

/** Bins hold so many integers each, and are centred on 0, so that ±127.5 is always the edge of one. */
const FINE = 5;
const COARSE = 15;
/** Integers −127 … 127 round from values below this. */
export const CLIP = 127.5;

export interface WeightHistogram {
  /** Name of the matrix in the checkpoint. */
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /**
   * Of the float weights, each divided by its row's scale. Bin i spans `width` integers from
   * (i − counts.length / 2) · width; bins beyond ±127.5 hold weights that were clipped.
   */
  readonly width: number;
  readonly counts: readonly number[];
  /** Share of the weights that were clipped. */
  readonly clipped: number;
  /** Share of the weights whose integer is 0. */
  readonly zeros: number;
  /** Real value of one unit: the least, middle and largest of the rows that are not 0. */
  readonly scale: { readonly least: number; readonly median: number; readonly largest: number };
}

export function weightHistogram(matrix: QuantizedMatrix): WeightHistogram {
  const { name, float, integers, scales } = matrix;
  const rows = scales.length;
  const columns = float.length / rows;
  const units = float.map((w, i) => {
    const scale = scales[Math.floor(i / columns)]!;
    return scale === 0 ? 0 : w / scale;
  });
  const reach = Math.max(
    CLIP,
    units.reduce((most, u) => Math.max(most, Math.abs(u)), 0),
  );
  const width = reach > 2.5 * CLIP ? COARSE : FINE;
  const half = Math.ceil(reach / width - 0.5); // bins to each side of the middle one
  const counts = new Array<number>(2 * half + 1).fill(0);
  let clipped = 0;
  for (const u of units) {
    counts[Math.min(2 * half, Math.floor(u / width + 0.5) + half)]!++;
    if (Math.abs(u) > CLIP) clipped++;
  }
  const used = scales.filter((scale) => scale > 0).sort();
  return {
    ...{ name, rows, columns, width, counts },
    clipped: clipped / float.length,
    zeros: integers.reduce((n, q) => n + (q === 0 ? 1 : 0), 0) / integers.length,
    scale: { least: used[0] ?? 0, median: used[used.length >> 1] ?? 0, largest: used.at(-1) ?? 0 },
  };
}
