/** What the histograms count. */
import { Histogram } from '../../src/quantize/histogram.js';
import { quantizeRows } from '../../src/quantize/rows.js';
import { weightHistogram } from '../../src/report/weight-histogram.js';

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

function matrix(float: Float32Array, integers: Int8Array, scales: Float64Array) {
  return { name: 'w', float, integers, scales, weight: { name: 'w', shape: [], data: float } };
}

test('activations: every value is in the bin of its magnitude', () => {
  const range = new Histogram();
  range.add(Float32Array.of(0, -0.1, 0.1, 0.9, -3.99));
  const { width, counts } = range.binned(10);
  expect(counts.length).toBeLessThanOrEqual(10);
  expect(sum(counts)).toBe(5);
  expect(width * counts.length).toBeGreaterThan(3.99);
  expect(width * (counts.length - 1)).toBeLessThanOrEqual(3.99);
  const expected = new Array<number>(counts.length).fill(0);
  for (const x of [0, 0.1, 0.1, 0.9, 3.99]) expected[Math.floor(x / width)]!++;
  expect(counts).toEqual(expected);
});

test('activations: a layer that is always 0 has one bin', () => {
  const range = new Histogram();
  range.add(new Float32Array(7));
  expect(range.binned(10).counts).toEqual([7]);
});

test('weights: rows that reach their largest value fill the integers, and nothing is clipped', () => {
  const float = Float32Array.of(1, -0.5, 0, 0.25, 100, -100, 50, 0);
  const { values, scales } = quantizeRows(float, new Float64Array(2));
  const histogram = weightHistogram(matrix(float, values, scales));
  expect(histogram).toMatchObject({ rows: 2, columns: 4, clipped: 0, zeros: 2 / 8, width: 5 });
  expect(histogram.counts).toHaveLength(51); // −127.5 … 127.5
  expect(sum(histogram.counts)).toBe(8);
  expect(histogram.counts[50]).toBe(2); // 127 in both rows
  expect(histogram.counts[25]).toBe(2); // 0
  expect(histogram.scale).toEqual({ least: scales[0], median: scales[1], largest: scales[1] });
});

test('weights: what was clipped lies beyond the integers', () => {
  const float = Float32Array.of(0.1, -0.1, 1.9, -0.3);
  const histogram = weightHistogram(matrix(float, Int8Array.of(13, -13, 127, -38), Float64Array.of(1 / 127)));
  expect(histogram.clipped).toBe(1 / 4);
  const { counts, width } = histogram;
  const beyond = counts.filter((_, i) => Math.abs((i - (counts.length - 1) / 2) * width) > 127.5);
  expect(sum(beyond)).toBe(1);
  expect(sum(counts)).toBe(4);
});

test('weights: a matrix of zeros has no scale', () => {
  const histogram = weightHistogram(matrix(new Float32Array(4), new Int8Array(4), new Float64Array(2)));
  expect(histogram).toMatchObject({ clipped: 0, zeros: 1, scale: { least: 0, median: 0, largest: 0 } });
  expect(sum(histogram.counts)).toBe(4);
});
