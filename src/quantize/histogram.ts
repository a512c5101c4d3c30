/** Magnitudes of an activation as calibration sees them, and the clip that loses least. */

const BINS = 4096;
/** Scales keep this many significant bits, so that float rounding on another CPU gives the same image. */
const SCALE_BITS = 12;

/**
 * Counts |x| in bins of equal width. The width starts at 2⁻²⁰ and doubles, pairs of bins merging, until the
 * largest value fits, so one pass is enough and nothing depends on the order of the values.
 */
export class Histogram {
  private counts = new Float64Array(BINS);
  private width = 2 ** -20;
  /** Values seen. */
  total = 0;
  maxAbs = 0;

  add(values: Float32Array): void {
    const { counts } = this;
    for (const value of values) {
      const magnitude = Math.abs(value);
      if (magnitude > this.maxAbs) {
        this.maxAbs = magnitude;
        while (magnitude >= this.width * BINS) this.widen();
      }
      counts[Math.floor(magnitude / this.width)]!++;
    }
    this.total += values.length;
  }

  private widen(): void {
    const { counts } = this;
    for (let i = 0; i < BINS / 2; i++) counts[i] = counts[2 * i]! + counts[2 * i + 1]!;
    counts.fill(0, BINS / 2);
    this.width *= 2;
  }

  /** The clip, at most maxAbs, of least mean squared error with integers -127 … 127. 0 if all values are 0. */
  bestClip(): number {
    let best = this.maxAbs;
    let least = Infinity;
    for (let i = 128; i >= 32; i--) {
      const clip = (this.maxAbs * i) / 128;
      const error = this.squaredError(clip);
      if (error < least) [best, least] = [clip, error];
    }
    return best;
  }

  /** Rounding costs step²/12 a value (uniform within a step), clipping the distance squared. */
  private squaredError(clip: number): number {
    const rounding = (clip / 127) ** 2 / 12;
    let error = 0;
    for (let i = 0; i < BINS; i++) {
      if (this.counts[i] === 0) continue;
      const beyond = (i + 0.5) * this.width - clip;
      error += this.counts[i]! * (beyond > 0 ? beyond * beyond : rounding);
    }
    return error;
  }

  /**
   * The counts in at most `most` bins of equal width from 0 on, as few as reach the largest value.
   * Bin i holds the magnitudes from i · width to (i + 1) · width.
   */
  binned(most: number): { width: number; counts: number[] } {
    const used = Math.floor(this.maxAbs / this.width) + 1;
    const merged = Math.ceil(used / most);
    const counts = new Array<number>(Math.ceil(used / merged)).fill(0);
    for (let i = 0; i < used; i++) counts[Math.floor(i / merged)]! += this.counts[i]!;
    return { width: this.width * merged, counts };
  }

  /** Share of values beyond `clip`, to the width of a bin. */
  fractionBeyond(clip: number): number {
    if (this.total === 0) return 0;
    let beyond = 0;
    for (let i = Math.floor(clip / this.width) + 1; i < BINS; i++) beyond += this.counts[i]!;
    return beyond / this.total;
  }
}

/** The scale of int8 values that reach `clip`, rounded up to a few significant bits; 1 for a clip of 0. */
export function scaleForClip(clip: number): number {
  if (clip === 0) return 1;
  const unit = 2 ** (Math.floor(Math.log2(clip / 127)) + 1 - SCALE_BITS);
  return Math.ceil(clip / 127 / unit) * unit;
}
