/** How large a layer's output gets, in float, on the calibration text. */
import type { Histogram } from '../quantize/histogram.js';

/** Bars of a picture. */
const MOST_BINS = 60;

export interface ActivationHistogram {
  /** |x| of bin i is at least i · width and below (i + 1) · width. */
  readonly width: number;
  readonly counts: readonly number[];
}

export function activationHistogram(range: Histogram): ActivationHistogram {
  return range.binned(MOST_BINS);
}
