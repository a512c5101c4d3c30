/** Sums and products whose answers are known. Random ones are part of the conformance models (engine.test.ts). */
import type { ActivationName } from '../../../src/image/content';
import { evaluate, HALF, ONE, withFields } from './tiny';

/** Of two vectors, which are the two steps of the input. */
function combined(
  kind: 'add' | 'mul',
  [a, b]: readonly [number[], number[]],
  fields: { multipliers?: [number, number]; multiplier?: number; shift: number },
  activation: ActivationName = 'none',
): readonly number[] {
  const build: Parameters<typeof evaluate>[1] = (builder, x) => {
    const [first, second] = [builder.lastStep(x, 'reverse'), builder.lastStep(x, 'forward')];
    return kind === 'add' ? builder.add(first, second, activation) : builder.mul(first, second, activation);
  };
  return evaluate([a, b], build, withFields(3, fields)).values;
}

const UNIT: [number, number] = [ONE.multiplier, ONE.multiplier];

test('a sum is rounded once, ties up, and saturates', () => {
  const sum = (a: number[], b: number[], shift: number): readonly number[] =>
    combined('add', [a, b], { multipliers: UNIT, shift });
  expect(sum([1, -3, 100, -100, 127, -127], [2, 1, 100, -100, 127, -127], 30)).toEqual([3, -2, 127, -127, 127, -127]);
  // Halves. Rounded one by one 1 and 1 would make 2.
  expect(sum([1, -1, 1, -1, 1], [0, 0, 1, -1, 2], 31)).toEqual([1, 0, 1, -1, 2]);
});

test('a sum weighs its terms, with either sign', () => {
  expect(
    combined(
      'add',
      [
        [10, 7],
        [3, 8],
      ],
      { multipliers: [2 ** 30, -(2 ** 31 - 1)], shift: 30 },
    ),
  ).toEqual([4, -9]);
  expect(combined('add', [[10], [3]], { multipliers: [0, 1], shift: 17 })).toEqual([0]);
  expect(combined('add', [[10], [3]], { multipliers: [0, 2 ** 17], shift: 17 })).toEqual([3]);
  // The largest sum there is, and the largest shift.
  const most = [2 ** 31 - 1, 2 ** 31 - 1] as [number, number];
  expect(
    combined(
      'add',
      [
        [127, -127],
        [127, -127],
      ],
      { multipliers: most, shift: 17 },
    ),
  ).toEqual([127, -127]);
  expect(
    combined(
      'add',
      [
        [127, -127],
        [127, -127],
      ],
      { multipliers: most, shift: 62 },
    ),
  ).toEqual([0, 0]);
});

test('a product is rounded once, ties up, and saturates', () => {
  const product = (a: number[], b: number[], scale: { multiplier: number; shift: number }): readonly number[] =>
    combined('mul', [a, b], scale);
  expect(product([3, -5, 127, 127], [4, 6, 127, -127], ONE)).toEqual([12, -30, 127, -127]);
  expect(product([1, -1, 3, -3], [1, 1, 1, 1], HALF)).toEqual([1, 0, 2, -1]);
  expect(product([127, 127, -127, 9], [127, -127, -127, 0], { multiplier: 2 ** 30, shift: 37 })).toEqual([
    126, -126, 126, 0,
  ]);
  expect(product([127], [127], { multiplier: 0, shift: 17 })).toEqual([0]);
});

test('an activation follows: relu in the unit of the output, the tables in Q3.12', () => {
  const pairs: readonly [number[], number[]] = [
    [-100, -1, 0, 1, 100],
    [-100, -1, 0, 1, 100],
  ];
  const sum = { multipliers: UNIT, shift: 30 };
  expect(combined('add', pairs, sum, 'relu')).toEqual([0, 0, 0, 2, 127]);
  // A sum of 2 is 2048 / 4096 = 0.5; of 200 more than 16 bits.
  const table = { multipliers: UNIT, shift: 20 };
  expect(combined('add', pairs, table, 'tanh')).toEqual([-128, -59, 0, 59, 127]);
  expect(combined('add', pairs, table, 'sigmoid')).toEqual([0, 48, 64, 80, 127]);
  // A product of 1 is 0.25.
  const scale = { multiplier: 2 ** 30, shift: 20 };
  const signs: readonly [number[], number[]] = [pairs[0], [100, 1, 5, 1, 100]];
  expect(combined('mul', signs, scale, 'tanh')).toEqual([-128, -31, 0, 31, 127]);
  expect(combined('mul', signs, scale, 'sigmoid')).toEqual([0, 56, 64, 72, 127]);
  expect(combined('mul', signs, ONE, 'relu')).toEqual([0, 0, 0, 1, 127]);
});
