/** Ranges of activations, and clips by least squared error. */
import fc from 'fast-check';
import { Histogram, scaleForClip } from '../../src/quantize/histogram.js';

function histogramOf(values: number[]): Histogram {
  const histogram = new Histogram();
  histogram.add(Float32Array.from(values));
  return histogram;
}

/** Mean squared error of rounding to scale · [-127, 127], by definition. */
function error(values: number[], scale: number): number {
  const q = values.map((v) => scale * Math.max(-127, Math.min(127, Math.round(v / scale))));
  return values.reduce((sum, v, i) => sum + (v - q[i]!) ** 2, 0);
}

const uniform = Array.from({ length: 20_000 }, (_, i) => ((i * 7919) % 20_000) / 10_000 - 1);

test('evenly spread values are not clipped', () => {
  expect(histogramOf(uniform).bestClip()).toBeGreaterThan(0.98);
});

test('an outlier among many small values is clipped, and the error is smaller for it', () => {
  const values = [...uniform, 3];
  const clip = histogramOf(values).bestClip();
  expect(clip).toBeLessThan(2.9);
  expect(error(values, clip / 127)).toBeLessThan(error(values, 3 / 127));
});

test('values of any order and in any number of portions give the same clip', () => {
  fc.assert(
    fc.property(fc.array(fc.float({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }), fc.nat(), (values, cut) => {
      const whole = histogramOf(values);
      const parts = new Histogram();
      const reversed = [...values].reverse();
      const at = cut % values.length;
      parts.add(Float32Array.from(reversed.slice(0, at)));
      parts.add(Float32Array.from(reversed.slice(at)));
      expect(parts.maxAbs).toBe(whole.maxAbs);
      expect(parts.bestClip()).toBe(whole.bestClip());
    }),
  );
});

test('the share beyond a clip is counted', () => {
  const histogram = histogramOf([0.1, 0.2, 0.3, 0.9]);
  expect(histogram.fractionBeyond(0.5)).toBe(0.25);
  expect(histogram.fractionBeyond(1)).toBe(0);
  expect(new Histogram().fractionBeyond(1)).toBe(0);
});

test('zeros and nothing have clip 0 and a usable scale', () => {
  expect(histogramOf([0, 0]).bestClip()).toBe(0);
  expect(new Histogram().bestClip()).toBe(0);
  expect(scaleForClip(0)).toBe(1);
});

test('a scale reaches its clip, and rounding noise of another CPU does not move it', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (clip) => {
      const scale = scaleForClip(clip);
      expect(scale * 127).toBeGreaterThanOrEqual(clip * (1 - 2 ** -50));
      expect(scale * 127).toBeLessThanOrEqual(clip * (1 + 2 ** -11));
    }),
  );
  expect(scaleForClip(1 + 1e-7)).toBe(scaleForClip(1));
});
