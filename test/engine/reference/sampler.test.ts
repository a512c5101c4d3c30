/** Random words, noise and the choice of tokens against independent definitions. */
import fc from 'fast-check';
import { Pcg32 } from '../../../src/engine/reference/pcg32';
import { GREEDY, gumbel, Sampler } from '../../../src/engine/reference/sampler';

test('PCG32 gives the published numbers of the demo of pcg-random.org (seed 42, stream 54)', () => {
  const random = new Pcg32(42);
  expect(Array.from({ length: 6 }, () => random.next())).toEqual([
    0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e,
  ]);
});

test('PCG32 agrees with its definition in 64-bit integers', () => {
  const mask = 2n ** 64n - 1n;
  fc.assert(
    fc.property(fc.nat({ max: 0xffffffff }), (seed) => {
      let state = 109n;
      const step = (): void => void (state = (state * 6364136223846793005n + 109n) & mask);
      state = (state + BigInt(seed)) & mask;
      step();
      const random = new Pcg32(seed);
      for (let i = 0; i < 50; i++) {
        const shifted = Number((((state >> 18n) ^ state) >> 27n) & 0xffffffffn);
        const turn = Number(state >> 59n);
        step();
        expect(random.next()).toBe(((shifted >>> turn) | (shifted << (-turn & 31))) >>> 0);
      }
    }),
  );
});

test('Gumbel noise is -ln(-ln u) within 2e-4 for every kind of word', () => {
  const words = fc.oneof(
    fc.nat({ max: 0xffffffff }),
    fc.nat({ max: 1 << 27 }).map((q) => 0xffffffff - q),
    fc.nat({ max: 1000 }),
    fc.nat({ max: 1000 }).map((q) => 0xffffffff - q),
  );
  fc.assert(
    fc.property(words, (word) => {
      const q = 2 ** 32 - 1 - word;
      // ln u = log1p(-(1-u)), 1-u = (q+½)/2³²
      const real = -Math.log(-Math.log1p(-(q + 0.5) / 2 ** 32));
      // The ½ is rounded to a whole unit of 2⁻³², which shows only in the smallest q.
      expect(Math.abs(gumbel(word) / 65536 - real)).toBeLessThan(q < 4096 ? 0.7 / (q + 1) + 2e-4 : 2e-4);
    }),
    { numRuns: 20_000 },
  );
});

test('greedy takes the first of the largest logits', () => {
  expect(new Sampler(GREEDY, 8).choose(Int16Array.of(3, -1, 7, 7, 2))).toBe(2);
});

test('samples follow softmax(logit / T)', () => {
  const logits = Int16Array.of(0, 256, 512, -256, 128); // 8 fraction bits: 0, 1, 2, -1, ½
  const sampler = new Sampler({ seed: 9, temperatureQ12: 6144, topK: 0 }, 8); // T = 1.5
  const weights = [...logits].map((l) => Math.exp(l / 256 / 1.5));
  const total = weights.reduce((a, b) => a + b);
  const draws = 40_000;
  const counts = logits.slice().fill(0);
  for (let i = 0; i < draws; i++) counts[sampler.choose(logits)]!++;
  const chiSquare = weights.reduce(
    (sum, w, j) => sum + (counts[j]! - (draws * w) / total) ** 2 / ((draws * w) / total),
    0,
  );
  expect(chiSquare).toBeLessThan(18.5); // 4 degrees of freedom, p = 0.001
});

test('top-k never takes a token outside the k largest, of equals the lower ids', () => {
  const logits = Int16Array.of(5, 9, 5, 5, -3, 9);
  const sampler = new Sampler({ seed: 1, temperatureQ12: 65535, topK: 3 }, 0);
  const seen = new Set(Array.from({ length: 2000 }, () => sampler.choose(logits)));
  expect([...seen].sort()).toEqual([0, 1, 5]);
});

test('top-k of at least the vocabulary is the same as all', () => {
  fc.assert(
    fc.property(
      fc.int16Array({ minLength: 1, maxLength: 40 }),
      fc.nat({ max: 0xffffffff }),
      fc.integer({ min: 1, max: 65535 }),
      (logits, seed, t) => {
        const [all, some] = [0, 128].map((topK) => new Sampler({ seed, temperatureQ12: t, topK }, 8));
        for (let i = 0; i < 5; i++) expect(some!.choose(logits)).toBe(all!.choose(logits));
      },
    ),
  );
});

test('parameters out of range are refused', () => {
  for (const bad of [{ seed: -1 }, { seed: 2 ** 32 }, { temperatureQ12: 65536 }, { topK: 129 }, { topK: 0.5 }])
    expect(() => new Sampler({ ...GREEDY, ...bad }, 8)).toThrow(expect.objectContaining({ code: 'bad_parameter' }));
});
