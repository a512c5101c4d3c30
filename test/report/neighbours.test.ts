/** Nearest neighbours, and the map that is drawn of them. */
import { mapEmbeddings } from '../../src/report/embedding-map.js';
import { cosines, meanOverlap, nearest, normalize, type Vectors } from '../../src/report/neighbours.js';
import { random } from '../link/memory-transport.js';

const vectors = (...rows: number[][]): Vectors => ({
  data: Float32Array.from(rows.flat()),
  count: rows.length,
  size: rows[0]!.length,
});

/** Three groups of points far from each other in 8 dimensions. */
function groups(each: number, noise: number): Vectors {
  const next = random(5);
  const rows = Array.from({ length: 3 * each }, (_, i) =>
    Array.from({ length: 8 }, (_, d) => (d === i % 3 ? 1 : 0) + noise * (next() - 0.5)),
  );
  return vectors(...rows);
}

test('neighbours are those of the smallest angle, whatever the lengths', () => {
  const points = vectors([1, 0], [0, 3], [5, 5], [-2, 0.1], [0, 0]);
  const cosine = cosines(normalize(points));
  expect(cosine[0 * 5 + 2]).toBeCloseTo(Math.SQRT1_2, 6);
  expect(nearest(cosine, 5, 2)).toEqual([
    [2, 1],
    [2, 3],
    [0, 1],
    [1, 4],
    [0, 1], // a vector of zeros has no angle: all are as far, the first are taken
  ]);
});

test('the overlap counts members that two lists share, in any order', () => {
  expect(meanOverlap([[1, 2], [0]], [[2, 3], [1]])).toBe(0.5);
});

test('equal tables give equal maps, every time, and all neighbours are kept', async () => {
  const table = groups(10, 0.5);
  const maps = [await mapEmbeddings(table, table), await mapEmbeddings(table, table)];
  expect(maps[1]).toEqual(maps[0]);
  expect(maps[0]!.int8).toEqual(maps[0]!.float);
  expect(maps[0]!.overlap).toBe(10);
});

test('what is near in the table is near on the map, and stays where it is when int8 changes little', async () => {
  const table = groups(20, 0.8);
  const rounded = { ...table, data: table.data.map((x) => Math.round(x * 64) / 64) };
  const { float, int8, overlap } = await mapEmbeddings(table, rounded);
  expect(overlap).toBeGreaterThan(8);
  expect(overlap).toBeLessThan(10);
  const distance = ([ax, ay]: readonly number[], [bx, by]: readonly number[]) => Math.hypot(ax! - bx!, ay! - by!);
  const n = float.positions.length;
  const moved = float.positions.reduce((sum, point, i) => sum + distance(point, int8.positions[i]!), 0) / n;
  expect(moved).toBeLessThan(0.1);
  for (const { positions } of [float, int8]) {
    const closest = positions.map((point, i) =>
      positions
        .map((_, j) => j)
        .filter((j) => j !== i)
        .reduce((a, b) => (distance(point, positions[a]!) <= distance(point, positions[b]!) ? a : b)),
    );
    const inGroup = closest.filter((j, i) => j % 3 === i % 3).length;
    expect(inGroup / n).toBeGreaterThan(0.95);
    expect(Math.max(...positions.flat().map(Math.abs))).toBeCloseTo(1, 6);
  }
});

test('aborting ends the work with the reason', async () => {
  const stop = new AbortController();
  const table = groups(20, 0.5);
  const map = mapEmbeddings(table, table, {
    signal: stop.signal,
    onProgress: (done) => done >= 50 && stop.abort(new Error('enough')),
  });
  await expect(map).rejects.toThrow('enough');
});
