/** Pools whose answers are known. Random ones are part of the conformance models (engine.test.ts). */
import type { PoolModeName } from '../../../src/image/content';
import type { PoolOptions } from '../../conformance/builder';
import { evaluate, withFields, type Result } from './tiny';

/** The pool is op 1; an Lp pool has a multiplier of 2^-8, so that it gives whole norms, rounded. */
function pooled(rows: number[][], mode: PoolModeName, options: PoolOptions): Result {
  const scale = mode === 'lp' ? withFields(1, { multiplier: 2 ** 30, shift: 38 }) : undefined;
  return evaluate(rows, (b, x) => b.pool(x, mode, { channels: 1, ...options }), scale);
}

// prettier-ignore
const PLANE = [
  [1, 2, 3, 4, 5],
  [6, 7, 8, 9, 10],
  [11, 12, 13, 14, 15],
  [16, 17, 18, 19, 20],
  [21, 22, 23, 24, 25],
];

test('padded windows that overlap: each takes what is there', () => {
  const windows = { kernel: [5, 5], padBegin: [2, 2], padEnd: [2, 2] } as const;
  // prettier-ignore
  expect(pooled(PLANE, 'max', windows).values).toEqual([
    13, 14, 15, 15, 15,
    18, 19, 20, 20, 20,
    23, 24, 25, 25, 25,
    23, 24, 25, 25, 25,
    23, 24, 25, 25, 25,
  ]);
  // prettier-ignore
  expect(pooled(PLANE, 'average', windows).values).toEqual([
    7, 8, 8, 9, 9, // 7, 7.5, 8, 8.5, 9
    10, 10, 11, 11, 12, // 9.5, 10, 10.5, 11, 11.5
    12, 13, 13, 14, 14,
    15, 15, 16, 16, 17,
    17, 18, 18, 19, 19,
  ]);
  // prettier-ignore
  expect(pooled(PLANE, 'average', { ...windows, countPadding: true }).values).toEqual([
    2.52, 3.6, 4.8, 4.08, 3.24,
    4.56, 6.4, 8.4, 7.04, 5.52,
    7.2, 10, 13, 10.8, 8.4,
    6.96, 9.6, 12.4, 10.24, 7.92,
    6.12, 8.4, 10.8, 8.88, 6.84,
  ].map(Math.round));
});

test('padding is no element: the largest of negative numbers is negative', () => {
  const windows = { kernel: [1, 3], padBegin: [0, 2], padEnd: [0, 2] } as const;
  expect(pooled([[-5, -3, -9]], 'max', windows).values).toEqual([-5, -3, -3, -3, -9]);
});

test('windows with a stride', () => {
  const windows = { kernel: [2, 2], stride: [2, 2] } as const;
  expect(pooled(PLANE, 'max', windows)).toEqual({ dims: [2, 2], values: [7, 9, 17, 19] });
  expect(pooled(PLANE, 'average', windows)).toEqual({ dims: [2, 2], values: [4, 6, 14, 16] });
});

test('all steps, in windows over the width; each channel by itself', () => {
  const rows = [
    [1, -1, 3, -3],
    [4, -4, 2, -2],
  ];
  const max = (options: PoolOptions): Result => pooled(rows, 'max', { kernel: [0, 1], ...options });
  expect(max({})).toEqual({ dims: [4], values: [4, -1, 3, -2] });
  expect(max({ channels: 2 })).toEqual({ dims: [4], values: [4, -1, 3, -2] });
  expect(max({ channels: 2, kernel: [0, 2] })).toEqual({ dims: [2], values: [4, -1] });
});

test('an average rounds ties up, in one rounding with its gain', () => {
  const mean = (a: number, b: number, gain = 0): number =>
    pooled([[a], [b]], 'average', { kernel: [0, 1], gain }).values[0]!;
  expect([mean(1, 2), mean(-1, -2), mean(0, -1), mean(0, 1)]).toEqual([2, -1, 0, 1]);
  expect([mean(1, 2, 1), mean(-1, -2, 1), mean(1, 2, 3)]).toEqual([3, -3, 12]);
  expect([mean(1, 1, 7), mean(-1, -1, 7), mean(0, 1, 7), mean(-127, -127)]).toEqual([127, -127, 64, -127]);
  const third = pooled([[1], [0], [0]], 'average', { kernel: [0, 1], gain: 2 });
  expect(third.values).toEqual([1]); // 4/3
});

test('an Lp norm is the exact root, requantized', () => {
  const norm = (order: number, ...values: number[]): number =>
    pooled([values], 'lp', { kernel: [1, values.length], order }).values[0]!;
  expect([norm(1, 3, -4), norm(2, 3, -4), norm(3, 3, -4, -5)]).toEqual([7, 5, 6]);
  expect([norm(1, 0, 0), norm(2, 0), norm(3, -127), norm(1, 127, 127)]).toEqual([0, 0, 127, 127]);
  // √2 = 1.414, √6 = 2.449, √7 = 2.646; the cube root of 4 is 1.587
  expect([norm(2, 1, 1), norm(2, 1, 1, 2), norm(2, 1, 1, 1, 2), norm(3, 1, 1, 1, 1)]).toEqual([1, 2, 3, 2]);
});
