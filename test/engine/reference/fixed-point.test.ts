/** The arithmetic in doubles against its definition in docs/numerics.md, in exact integers (BigInt) and in reals. */
import fc from 'fast-check';
import {
  expNeg,
  LN2_Q24,
  lnQ24,
  log2Q24,
  mul31,
  requantize,
  rootQ8,
  roundShift,
  sigmoid,
  tanh,
} from '../../../src/engine/reference/fixed-point';
import { EXP_COARSE, EXP_FINE, EXP_INTEGER, LOG2, SIGMOID, TANH } from '../../../src/schema/tables';

const exactRoundShift = (v: bigint, s: number): bigint => (v + (1n << BigInt(s - 1))) >> BigInt(s);
const int32 = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 0, -1, 1),
);
const multiplier = fc.oneof(fc.integer({ min: 2 ** 30, max: 2 ** 31 - 1 }), fc.constantFrom(0, 2 ** 30, 2 ** 31 - 1));
const RUNS = { numRuns: 20_000 };

test('requantize is one exact rounding of the 63-bit product', () => {
  fc.assert(
    fc.property(int32, multiplier, fc.integer({ min: 17, max: 62 }), (acc, m, s) => {
      const exact = exactRoundShift(BigInt(acc) * BigInt(m), s);
      const clamped = exact > 2n ** 31n - 1n ? 2n ** 31n - 1n : exact < -(2n ** 31n) ? -(2n ** 31n) : exact;
      return BigInt(requantize(acc, m, s)) === clamped;
    }),
    RUNS,
  );
});

test('requantize rounds ties up', () => {
  // 2^30 / 2^31 is one half.
  expect([1, -1, 3, -3].map((acc) => requantize(acc, 2 ** 30, 31))).toEqual([1, 0, 2, -1]);
});

test('roundShift is exact below 2^52', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: 50 }), (v, s) => {
      const value = Math.trunc(v / 4);
      return BigInt(roundShift(value, s)) === exactRoundShift(BigInt(value), s);
    }),
    RUNS,
  );
});

const q31 = fc.oneof(fc.integer({ min: 0, max: 2 ** 31 }), fc.constantFrom(0, 1, 2 ** 31));
test('mul31 is exact up to 2^31 in both factors', () => {
  fc.assert(
    fc.property(q31, q31, (a, b) => BigInt(mul31(a, b)) === exactRoundShift(BigInt(a) * BigInt(b), 31)),
    RUNS,
  );
});

function exactExpNeg(d: number): bigint {
  if (d >= 32 * 1024) return 0n;
  const [i, c, f] = [EXP_INTEGER[d >> 10]!, EXP_COARSE[(d >> 5) & 31]!, EXP_FINE[d & 31]!].map(BigInt) as [
    bigint,
    bigint,
    bigint,
  ];
  return exactRoundShift(exactRoundShift(i * c, 31) * f, 31);
}

test('exp_neg agrees with its definition everywhere, and with exp within 2^-30', () => {
  for (let d = 0; d <= 33 * 1024; d++) {
    const value = expNeg(d);
    if (BigInt(value) !== exactExpNeg(d)) throw new Error(`exp_neg(${d}) is ${value}`);
    if (Math.abs(value / 2 ** 31 - Math.exp(-d / 1024)) > 2 ** -30)
      throw new Error(`exp_neg(${d}) is inaccurate: ${value}`);
  }
});

function exactLog2(v: bigint): bigint {
  const n = v.toString(2).length - 1;
  const f = (n <= 31 ? v << BigInt(31 - n) : v >> BigInt(n - 31)) - 2n ** 31n;
  const i = Number(f >> 23n);
  const r = f & (2n ** 23n - 1n);
  const t = BigInt(LOG2[i]!) + ((BigInt(LOG2[i + 1]! - LOG2[i]!) * r) >> 23n);
  return BigInt(n) * 2n ** 24n + ((t + 32n) >> 6n);
}

const logarithmand = fc.oneof(
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  fc.nat({ max: 52 }).map((n) => 2 ** n),
  fc.integer({ min: 1, max: 52 }).map((n) => 2 ** n - 1),
  fc.integer({ min: 1, max: 2 ** 32 }),
);

test('log2 and ln agree with their definitions, and with the real logarithm within 3e-6', () => {
  fc.assert(
    fc.property(logarithmand, (v) => {
      const exact = exactLog2(BigInt(v));
      expect(BigInt(log2Q24(v))).toBe(exact);
      expect(BigInt(lnQ24(v))).toBe(exactRoundShift(exact * 2977044472n, 32));
      expect(Math.abs(log2Q24(v) / 2 ** 24 - Math.log2(v))).toBeLessThan(3e-6);
    }),
    RUNS,
  );
});

test('the constant of ln is ln 2', () => {
  expect(2977044472).toBe(Math.round(Math.LN2 * 2 ** 32));
  expect(LN2_Q24).toBe(Math.round(Math.LN2 * 2 ** 24));
});

test.each([
  ['sigmoid', sigmoid, (x: number) => 1 / (1 + Math.exp(-x))],
  ['tanh', tanh, Math.tanh],
] as const)('%s of every int16 is within 2 units of 2^-12 of the real one, and rises', (_name, f, real) => {
  let before = -Infinity;
  for (let x = -32768; x <= 32767; x++) {
    const y = f(x);
    // Tables end at 8 and interpolate 1/32: the real error is below 7e-5 for sigmoid, 4e-4 for tanh.
    if (Math.abs(y / 32768 - real(x / 4096)) > 5e-4) throw new Error(`f(${x}) is ${y}`);
    if (y < before) throw new Error(`f falls at ${x}`);
    before = y;
  }
});

test('sigmoid and tanh at the ends use the last entry of their tables', () => {
  expect([sigmoid(-32768), tanh(-32768)]).toEqual([32768 - SIGMOID[256], -TANH[256]]);
  expect([sigmoid(0), tanh(0)]).toEqual([16384, 0]);
});

const order = fc.constantFrom(1, 2, 3);
/** The largest r with r^order ≤ sum · 2^(8·order), bit by bit. */
function exactRoot(sum: number, order: number): bigint {
  const radicand = BigInt(sum) << BigInt(8 * order);
  let r = 0n;
  for (let bit = 1n << 30n; bit > 0n; bit >>= 1n) if ((r + bit) ** BigInt(order) <= radicand) r += bit;
  return r;
}

test('an Lp root is the exact integer root of any sum', () => {
  fc.assert(
    fc.property(order, fc.maxSafeInteger(), (p, word) => {
      const sum = Math.abs(word) % (2 ** (7 * p + 15) + 1);
      expect(BigInt(rootQ8(sum, p))).toBe(exactRoot(sum, p));
    }),
    RUNS,
  );
});

test('an Lp root of a power and its neighbours is on the right side', () => {
  for (const p of [1, 2, 3])
    for (let r = 1; r ** p <= 2 ** (7 * p + 15); r = r < 100 ? r + 1 : Math.ceil(r * 1.03)) {
      // (256·r)^p is the radicand of r^p: its root is whole; one less in the sum is one less in the root, or more.
      expect(rootQ8(r ** p, p)).toBe(256 * r);
      for (const sum of [r ** p - 1, r ** p + 1]) expect(BigInt(rootQ8(sum, p))).toBe(exactRoot(sum, p));
      expect(rootQ8(r ** p - 1, p)).toBeLessThan(256 * r);
    }
  expect([1, 2, 3].map((p) => rootQ8(2 ** (7 * p + 15), p))).toEqual([2 ** 30, 5931641, 2 ** 20]);
});
