/** Numbers as people read them, and round numbers along an axis. */
import { ticks } from '../../src/report/charts/ticks.js';
import { bytes, count, decibels, percent, short, whole } from '../../src/report/numbers.js';
import { signed } from '../../src/report/sections/quality.js';

test('numbers have three digits, a sign that is a minus, and units of powers of ten', () => {
  expect([1234567, 12, 0].map(whole)).toEqual(['1,234,567', '12', '0']);
  expect([0.001234, 45.678, -3.14159, 12345.6, 2e-7, 0, Infinity, NaN].map(short)).toEqual([
    ...['0.00123', '45.7', '−3.14', '12,346', '2.0e−7', '0', '∞', 'not a number'],
  ]);
  expect([0, 999, 1000, 2432, 896_688, 999_999, 1_073_741_824].map(bytes)).toEqual([
    ...['0 B', '999 B', '1 kB', '2.43 kB', '897 kB', '1 MB', '1.07 GB'],
  ]);
  expect([600, 9999, 844_800, 5_260_000].map(count)).toEqual(['600', '9,999', '845 k', '5.26 M']);
  expect([0, 0.00002, 1e-9, 0.125, 1].map(percent)).toEqual(['0 %', '0.002 %', 'below 0.001 %', '12.5 %', '100 %']);
  expect([33.84, Infinity, -Infinity, -2].map(decibels)).toEqual(['33.8 dB', 'exact', 'no signal', '−2.0 dB']);
  expect([0.07, -0.12, 0.0001].map((x) => signed(x, 2))).toEqual(['+0.07', '−0.12', '±0']);
});

test('ticks are multiples of 1, 2 or 5 within the axis', () => {
  expect(ticks(0, 2.93)).toEqual([0, 1, 2]);
  expect(ticks(0, 1.01)).toEqual([0, 0.5, 1]);
  expect(ticks(0, 0.7)).toEqual([0, 0.2, 0.4, 0.6]);
  expect(ticks(-3, 3)).toEqual([-2, 0, 2]);
  expect(ticks(0, 2 ** -20)).toEqual([0, 5e-7]);
  expect(ticks(5, 5)).toEqual([5]);
});
