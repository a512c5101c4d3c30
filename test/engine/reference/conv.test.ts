/** Convolutions whose answers are known, and random ones against windows cut out of a padded array. */
import fc from 'fast-check';
import type { OpOf } from '../../../src/image/ops';
import { Pcg32 } from '../../../src/engine/reference/pcg32';
import { positionsOf } from '../../../src/image/time';
import type { ConvOptions } from '../../conformance/builder';
import { convolve } from './window-oracle';
import { evaluate, HALF, ONE, withWeights, type Result } from './tiny';

/** A plane of numbers that count from 0. */
const counting = (steps: number, width: number): number[][] =>
  Array.from({ length: steps }, (_, t) => Array.from({ length: width }, (_v, x) => t * width + x));
const ones = (count: number): number[] => new Array<number>(count).fill(1);

function plane(
  rows: number[][],
  weights: number[],
  options: ConvOptions,
  scale = ONE as { multiplier: number; shift: number },
): Result {
  return evaluate(rows, (b, x) => b.conv(x, 1, { channels: 1, ...options }), withWeights(weights, scale));
}

test('a 3x3 kernel over a 5x5 plane gives 3x3', () => {
  // Halves: 63, 99, 117 and 153 are odd, and ties go up.
  expect(plane(counting(5, 5), ones(9), { kernel: [3, 3] }, HALF)).toEqual({
    dims: [3, 3],
    values: [54, 63, 72, 99, 108, 117, 144, 153, 162].map((v) => Math.min(Math.ceil(v / 2), 127)),
  });
});

test('strides and padding on each side', () => {
  const options = { kernel: [3, 3], stride: [2, 2], padBegin: [1, 1], padEnd: [1, 1] } as const;
  expect(plane(counting(7, 5), ones(9), options, HALF)).toEqual({
    dims: [4, 3],
    values: [12, 27, 24, 63, 108, 81, 123, 198, 141, 112, 177, 124].map((v) => Math.ceil(v / 2)),
  });
  const before = plane(counting(3, 2), [1, 2], { kernel: [1, 2], padBegin: [0, 1] });
  expect(before).toEqual({ dims: [3, 2], values: [0, 2, 4, 8, 8, 14] });
  const above = plane(counting(3, 2), [1, 2], { kernel: [2, 1], padEnd: [1, 0] });
  expect(above).toEqual({ dims: [3, 2], values: [4, 7, 10, 13, 4, 5] });
});

test('a transposed convolution is one of the kernel turned round', () => {
  const turned = [3, 8, 3, 2, 7, 9, 5, 0, 2].reverse();
  const options = { kernel: [3, 3], padBegin: [2, 2], padEnd: [2, 2] } as const;
  // prettier-ignore
  expect(plane([[1, 1, 1], [1, 1, 1], [1, 1, 1]], turned, options)).toEqual({
    dims: [5, 5],
    values: [
      3, 11, 14, 11, 3,
      5, 20, 32, 27, 12,
      10, 25, 39, 29, 14,
      7, 14, 25, 18, 11,
      5, 5, 7, 2, 2,
    ],
  });
});

test('a transposed convolution of a stride spreads its input', () => {
  const turned = [1, 2, 3, 4].reverse();
  // Each element becomes a 2x2 block: they do not overlap.
  const options = { kernel: [2, 2], upsample: [2, 2], padBegin: [1, 1], padEnd: [1, 1] } as const;
  // prettier-ignore
  expect(plane([[1, 10], [-5, 2]], turned, options)).toEqual({
    dims: [4, 4],
    values: [
      1, 2, 10, 20,
      3, 4, 30, 40,
      -5, -10, 2, 4,
      -15, -20, 6, 8,
    ],
  });
});

test('a dilation sees every second element', () => {
  const time = [1, 2, 3, 4, 5, 6, 7].map((v) => [v]);
  expect(plane(time, [1, 2, 3], { kernel: [3, 1], dilation: [2, 1] })).toEqual({ dims: [3, 1], values: [22, 28, 34] });
  const width = [[1, 2, 3, 4, 5, 6, 7]];
  expect(plane(width, [1, 2, 3], { kernel: [1, 3], dilation: [1, 2] })).toEqual({ dims: [1, 3], values: [22, 28, 34] });
});

test('a group of filters sees its group of channels', () => {
  const build = { channels: 4, groups: 2 };
  const values = (filters: number, weights: number[]): Result =>
    evaluate([[1, 2, 3, 4]], (b, x) => b.conv(x, filters, build), withWeights(weights));
  expect(values(4, [1, 10, 10, 1, 1, 10, 10, 1]).values).toEqual([21, 12, 43, 34]);
  expect(values(2, [1, 10, 10, 1]).values).toEqual([21, 34]);
});

test('a batch norm has a scale and a bias for every channel', () => {
  const { values } = evaluate(
    [
      [1, 2, 3, 10, 20, 30],
      [-1, -2, -3, -10, -20, -30],
    ],
    (b, x) => b.conv(x, 3, { channels: 3, groups: 3 }),
    withWeights([1, 2, -3], { ...ONE, bias: [5, -5, 100] }),
  );
  expect(values).toEqual([6, -1, 91, 15, 35, 10, 4, -9, 109, -5, -45, 127]);
});

test.each([
  ['none', [-127, -127, -127, -3, 0, 3, 127, 127]],
  ['relu', [0, 0, 0, 0, 0, 3, 127, 127]],
  // Behind tanh and sigmoid the unit is 2^-12: 6400 is 1.5625. Only tanh has a -1.
  ['tanh', [-128, -117, -4, 0, 0, 0, 4, 127]],
  ['sigmoid', [0, 22, 63, 64, 64, 64, 65, 127]],
] as const)('%s ends at the limits of int8', (activation, values) => {
  const bias = [-70000, -6400, -128, -3, 0, 3, 128, 70000];
  const found = evaluate(
    [[0]],
    (b, x) => b.conv(x, bias.length, { activation }),
    withWeights([0, 0, 0, 0, 0, 0, 0, 0], { ...ONE, bias }),
  );
  expect(found.values).toEqual(values);
});

test('any convolution is what windows cut out of a spread and padded array give', () => {
  const small = fc.integer({ min: 1, max: 3 });
  const pads = fc.integer({ min: 0, max: 3 });
  const pair = (value: fc.Arbitrary<number>): fc.Arbitrary<[number, number]> => fc.tuple(value, value);
  const shapes = fc.record({
    steps: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 7 }),
    groups: small,
    channelsOfGroup: small,
    filtersOfGroup: small,
    kernel: pair(small),
    stride: pair(small),
    dilation: pair(small),
    upsample: pair(small),
    padBegin: pair(pads),
    padEnd: pair(pads),
    seed: fc.nat(),
  });
  let ran = 0;
  fc.assert(
    fc.property(shapes, ({ steps, width, groups, channelsOfGroup, filtersOfGroup, seed, ...windows }) => {
      const fits = ([0, 1] as const).every((axis) => {
        const of = (field: keyof typeof windows): number => windows[field][axis];
        const axisWindows = {
          kernel: of('kernel'),
          stride: of('stride'),
          dilation: of('dilation'),
          upsample: of('upsample'),
          padBegin: of('padBegin'),
          padEnd: of('padEnd'),
        };
        return positionsOf(axis === 0 ? steps : width, axisWindows) >= 1;
      });
      fc.pre(fits);
      ran++;
      const [channels, filters] = [groups * channelsOfGroup, groups * filtersOfGroup];
      const random = new Pcg32(seed);
      const input = Array.from({ length: steps }, () =>
        Array.from({ length: width * channels }, () => (random.next() % 255) - 127),
      );
      const columns = windows.kernel[0] * windows.kernel[1] * channelsOfGroup;
      const weights = Array.from({ length: filters * columns }, () => (random.next() % 255) - 127);
      const run = (options: ConvOptions) =>
        evaluate(
          input,
          (b, x) => b.conv(x, filters, { channels, groups, ...windows, ...options }),
          withWeights(weights, { multiplier: 2 ** 30, shift: 39 }),
        );
      const { dims, values } = run({});
      const op = {
        ...{ op: 'conv', channels, groups, kernel: windows.kernel, stride: windows.stride },
        ...{ dilation: windows.dilation, upsample: windows.upsample },
        ...{ pad_begin: windows.padBegin, pad_end: windows.padEnd },
      } as unknown as OpOf<'conv'>;
      const expected = convolve({ steps, values: input.flat() }, op, filters, (row, window) => {
        const acc = window.reduce((sum, v, k) => sum + v * weights[row * columns + k]!, 0);
        return Math.min(Math.max(Math.floor(acc / 512 + 0.5), -127), 127);
      });
      expect(values).toEqual(expected);
      const largest = Array.from({ length: dims[1]! }, (_, j) =>
        Math.max(...expected.filter((_v, i) => i % dims[1]! === j)),
      );
      expect(run({ overTime: 'largest' })).toEqual({ dims: [dims[1]], values: largest });
    }),
    { numRuns: 300 },
  );
  expect(ran).toBe(300);
});
