/** Duels: who is timed, how often, and what becomes of the contenders. */
import { duel, median, type Contender } from '../../src/bench/measure.js';

function contender(name: string, log: string[], fail = false): Contender {
  return {
    name,
    async work() {
      log.push(name);
      if (fail) throw new Error('broken');
      return 10;
    },
    async close() {
      log.push(`${name} closed`);
    },
  };
}

test('contenders take turns, a round to warm up first, and are closed', async () => {
  const log: string[] = [];
  const result = await duel([contender('a', log), contender('b', log)], 2);
  expect(log).toEqual(['a', 'b', 'a', 'b', 'a', 'b', 'a closed', 'b closed']);
  expect(Object.keys(result.timings)).toEqual(['a', 'b']);
  expect(Object.keys(result.ratios)).toEqual(['b']);
  expect(result.ratios['b']).toBeGreaterThan(0);
  for (const { least, median, most } of Object.values(result.timings)) {
    expect(least).toBeLessThanOrEqual(median);
    expect(median).toBeLessThanOrEqual(most);
  }
});

test('contenders are closed when one fails, or when all is called off', async () => {
  const log: string[] = [];
  await expect(duel([contender('a', log), contender('b', log, true)], 2)).rejects.toThrow('broken');
  expect(log).toEqual(['a', 'b', 'a closed', 'b closed']);
  await expect(duel([contender('c', log)], 2, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  expect(log.slice(4)).toEqual(['c closed']);
});

test('the median is that of the sorted values', () => {
  expect(median([9, 1, 5])).toBe(5);
});
