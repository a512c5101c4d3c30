/** How lengths of windows compose. */
import fc from 'fast-check';
import {
  composeTime,
  PER_TOKEN,
  positionsOf,
  sameTime,
  stepsOf,
  type AxisWindows,
  type TimeForm,
} from '../../src/image/time';

const windows = (upsample: number): fc.Arbitrary<AxisWindows> =>
  fc.record({
    kernel: fc.integer({ min: 1, max: 6 }),
    stride: fc.integer({ min: 1, max: 4 }),
    dilation: fc.integer({ min: 1, max: 4 }),
    upsample: fc.integer({ min: 1, max: upsample }),
    padBegin: fc.nat({ max: 5 }),
    padEnd: fc.nat({ max: 5 }),
  });

test('a form composed layer by layer gives the length that the layers give one after another', () => {
  // Upsampling has to come before any stride.
  const spread = fc.array(
    windows(3).map((axis) => ({ ...axis, stride: 1 })),
    { maxLength: 2 },
  );
  const layers = fc
    .tuple(fc.oneof(fc.constant([]), spread), fc.array(windows(1), { maxLength: 5 }))
    .map(([first, then]): AxisWindows[] => [...first, ...then]);
  fc.assert(
    fc.property(layers, (list) => {
      const form = list.reduce((before: TimeForm, axis) => composeTime(before, axis)!, PER_TOKEN);
      for (let tokens = 1; tokens <= 60; tokens++) {
        // As integers: where no window fits, both go below 1.
        const steps = list.reduce((n, axis) => positionsOf(n, axis), tokens);
        expect(stepsOf(form, tokens)).toBe(steps);
      }
    }),
    { numRuns: 2000 },
  );
});

test('upsampling after a stride has no form', () => {
  const plain = { kernel: 1, stride: 1, dilation: 1, upsample: 1, padBegin: 0, padEnd: 0 };
  const halved = composeTime(PER_TOKEN, { ...plain, stride: 2 })!;
  expect(halved).toEqual({ factor: 1, divisor: 2, offset: 1 });
  expect(composeTime(halved, { ...plain, upsample: 2 })).toBeUndefined();
  expect(composeTime(composeTime(PER_TOKEN, { ...plain, upsample: 2 })!, { ...plain, stride: 2 })).toEqual({
    factor: 2,
    divisor: 2,
    offset: 0,
  });
});

test('a known case: a kernel of 3, stride 2, one step of padding on each side', () => {
  const axis = { kernel: 3, stride: 2, dilation: 1, upsample: 1, padBegin: 1, padEnd: 1 };
  expect([1, 2, 3, 4, 5].map((n) => positionsOf(n, axis))).toEqual([1, 1, 2, 2, 3]);
  expect(positionsOf(2, { ...axis, padBegin: 0, padEnd: 0 })).toBe(0);
  expect(sameTime(composeTime(PER_TOKEN, axis), { factor: 1, divisor: 2, offset: 1 })).toBe(true);
  expect(sameTime(PER_TOKEN, undefined)).toBe(false);
});
