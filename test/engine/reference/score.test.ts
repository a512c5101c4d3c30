import fc from 'fast-check';
import { expNeg, LN2_Q24, lnQ24 } from '../../../src/engine/reference/fixed-point';
import { negativeLogLikelihood } from '../../../src/engine/reference/score';

const logits = fc.oneof(
  fc.int16Array({ minLength: 1, maxLength: 300 }),
  fc.array(fc.integer({ min: -3000, max: 3000 }), { minLength: 1, maxLength: 300 }).map((a) => Int16Array.from(a)),
);

test('the score is -ln softmax within 2e-4 nats', () => {
  fc.assert(
    fc.property(logits, fc.nat(), fc.nat({ max: 10 }), (l, at, frac) => {
      const target = at % l.length;
      const real = [...l].map((v) => v / 2 ** frac);
      const most = Math.max(...real);
      const nll = most - real[target]! + Math.log(real.reduce((sum, v) => sum + Math.exp(v - most), 0));
      const scored = negativeLogLikelihood(l, target, frac) / 65536;
      expect(Math.abs(scored - nll)).toBeLessThan(2e-4);
      expect(scored).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 3000 },
  );
});

test('the score agrees with its definition in exact integers', () => {
  const exact = (l: Int16Array, target: number, frac: number): bigint => {
    const e = (d: number): bigint => BigInt(expNeg(d * 2 ** (10 - frac)));
    let m = l[0]!;
    let s = 2n ** 31n;
    for (const v of l.subarray(1)) {
      if (v <= m) s += e(m - v);
      else {
        const by = e(v - m);
        s = (s >> 31n) * by + (((s & (2n ** 31n - 1n)) * by) >> 31n) + 2n ** 31n;
        m = v;
      }
    }
    const ln = BigInt(lnQ24(Number(s))) - 31n * BigInt(LN2_Q24);
    return ((ln + 128n) >> 8n) + (BigInt(m - l[target]!) << BigInt(16 - frac));
  };
  fc.assert(
    fc.property(logits, fc.nat(), fc.nat({ max: 10 }), (l, at, frac) => {
      expect(BigInt(negativeLogLikelihood(l, at % l.length, frac))).toBe(exact(l, at % l.length, frac));
    }),
    { numRuns: 3000 },
  );
});

test('a vocabulary of 65534 equal logits scores ln 65534', () => {
  expect(negativeLogLikelihood(new Int16Array(65534).fill(-7), 12, 8) / 65536).toBeCloseTo(Math.log(65534), 4);
});

test('one overwhelming logit scores 0', () => {
  expect(negativeLogLikelihood(Int16Array.of(-32768, 32767, -32768), 1, 0)).toBe(0);
});
