/** Real multipliers as integers: exact to half a unit of 2⁻³⁰, always within the format's ranges. */
import fc from 'fast-check';
import { toMultiplier, ZERO_MULTIPLIER } from '../../src/quantize/multiplier.js';

test('every multiplier in range is met to 2⁻³¹ relative, with m in [2^30, 2^31) and shift in 17 … 62', () => {
  fc.assert(
    fc.property(fc.double({ min: -31.99, max: 13.99, noNaN: true }), (exponent) => {
      const real = 2 ** exponent;
      const { multiplier, shift } = toMultiplier(real)!;
      expect(multiplier).toBeGreaterThanOrEqual(2 ** 30);
      expect(multiplier).toBeLessThan(2 ** 31);
      expect(shift).toBeGreaterThanOrEqual(17);
      expect(shift).toBeLessThanOrEqual(62);
      expect(Math.abs((multiplier / 2 ** shift - real) / real)).toBeLessThanOrEqual(2 ** -31);
    }),
  );
});

test('powers of two and their neighbours are normalized', () => {
  for (let e = -32; e < 14; e++) {
    expect(toMultiplier(2 ** e)).toEqual({ multiplier: 2 ** 30, shift: 30 - e });
    const above = toMultiplier(2 ** e * (1 + 2 ** -52))!;
    expect(above).toEqual({ multiplier: 2 ** 30, shift: 30 - e });
    if (e === -32) continue;
    const below = toMultiplier(2 ** e * (1 - 2 ** -53))!; // rounds up to the power
    expect(below).toEqual({ multiplier: 2 ** 30, shift: 30 - e });
  }
});

test('the largest multiplier is the last below 2^14', () => {
  expect(toMultiplier(2 ** 14 * (1 - 2 ** -31))).toEqual({ multiplier: 2 ** 31 - 1, shift: 17 });
  expect(toMultiplier(2 ** 14)).toBeUndefined();
  expect(toMultiplier(Infinity)).toBeUndefined();
});

test('what scales every accumulator to 0 is 0', () => {
  expect(toMultiplier(0)).toBe(ZERO_MULTIPLIER);
  expect(toMultiplier(2 ** -33)).toBe(ZERO_MULTIPLIER);
  expect(toMultiplier(2 ** -32)!.shift).toBe(62);
});
