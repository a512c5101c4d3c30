/** The memory planner: buffers that live at the same time never share a byte. */
import fc from 'fast-check';
import { planBuffers, type Lifetime } from '../../src/quantize/plan.js';

const lifetimes = fc.array(
  fc
    .record({ bytes: fc.integer({ min: 1, max: 500 }), a: fc.nat(12), b: fc.nat(12) })
    .map(({ bytes, a, b }): Lifetime => ({ bytes, first: Math.min(a, b), last: Math.max(a, b) })),
  { maxLength: 20 },
);

test('live buffers never overlap, lie on 16-byte boundaries and within the extent', () => {
  fc.assert(
    fc.property(lifetimes, (buffers) => {
      const { offsets, extent } = planBuffers(buffers);
      expect(extent % 16).toBe(0);
      buffers.forEach((a, i) => {
        expect(offsets[i]! % 16).toBe(0);
        expect(offsets[i]! + a.bytes).toBeLessThanOrEqual(extent);
        buffers.slice(0, i).forEach((b, j) => {
          const together = a.first <= b.last && b.first <= a.last;
          const shared = offsets[i]! < offsets[j]! + b.bytes && offsets[j]! < offsets[i]! + a.bytes;
          if (together && shared) throw new Error(`${JSON.stringify([a, b])} overlap at ${offsets[i]}, ${offsets[j]}`);
        });
      });
    }),
    { numRuns: 500 },
  );
});

test('the extent is never below what lives at once, nor above all buffers together', () => {
  fc.assert(
    fc.property(lifetimes, (buffers) => {
      const padded = buffers.map((b) => Math.ceil(b.bytes / 16) * 16);
      const { extent } = planBuffers(buffers);
      for (let op = 0; op <= 12; op++) {
        const live = buffers.reduce((sum, b, i) => sum + (b.first <= op && op <= b.last ? padded[i]! : 0), 0);
        expect(extent).toBeGreaterThanOrEqual(live);
      }
      expect(extent).toBeLessThanOrEqual(padded.reduce((a, b) => a + b, 0));
    }),
  );
});

test('a chain of equal buffers needs two places', () => {
  const chain = [0, 1, 2, 3, 4].map((i) => ({ bytes: 100, first: i, last: i + 1 }));
  expect(planBuffers(chain).extent).toBe(2 * 112);
});

test('nothing needs nothing', () => {
  expect(planBuffers([])).toEqual({ offsets: [], extent: 0 });
});
