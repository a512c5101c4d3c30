/** Convolution and pooling against answers known from elsewhere or worked out by hand. */
import { typescriptFloatKernels } from '../../src/graph/float-kernels.js';
import { conv, pool } from '../../src/graph/float-windows.js';
import type { ConvNode, PoolNode } from '../../src/graph/graph.js';
import { leastTokens, shapesOf } from '../../src/graph/shapes.js';
import { convOverTime, elementwise, perChannel, poolOverTime } from '../../src/graph/nodes.js';
import { positionsOf, stepsOf } from '../../src/image/time.js';

const NAMED = { output: 'y', input: 'x' };

function convNode(shape: number[], data: number[], fields: Partial<ConvNode> = {}): ConvNode {
  const filters = shape[0]!;
  const weight = { name: 'w', shape, data: Float32Array.from(data) };
  const bias = { name: 'b', shape: [filters], data: new Float32Array(filters) };
  return { ...convOverTime(NAMED, { ...weight, shape: [filters, 1, 1] }, bias, 'none'), weight, ...fields };
}

function poolNode(fields: Partial<PoolNode>): PoolNode {
  return { ...poolOverTime(NAMED, 'max', 1), ...fields };
}

/** rows: one a time step */
function value(rows: number[][]) {
  return { data: Float32Array.from(rows.flat()), steps: rows.length, features: rows[0]!.length };
}

const run = (node: ConvNode, rows: number[][]) => {
  const { data, steps, features } = conv(node, value(rows), typescriptFloatKernels);
  return Array.from({ length: steps }, (_, t) => [...data.subarray(t * features, (t + 1) * features)]);
};
const runPool = (node: PoolNode, rows: number[][]) => {
  const { data, steps, features } = pool(node, value(rows));
  return Array.from({ length: steps }, (_, t) => [...data.subarray(t * features, (t + 1) * features)]);
};

const KERNEL = [3, 8, 3, 2, 7, 9, 5, 0, 2];
const ONES = (n: number) => Array.from({ length: n }, () => new Array<number>(n).fill(1));
const TWO = [2, 2] as const;

test('a 3×3 kernel transposed-convolved over a 3×3 of ones', () => {
  const transposed = convNode([1, 3, 3, 1], KERNEL.toReversed(), { padBegin: TWO, padEnd: TWO });
  expect(run(transposed, ONES(3))).toEqual([
    [3, 11, 14, 11, 3],
    [5, 20, 32, 27, 12],
    [10, 25, 39, 29, 14],
    [7, 14, 25, 18, 11],
    [5, 5, 7, 2, 2],
  ]);
});

test('a transposed convolution of stride 2 puts a kernel wherever there is an input', () => {
  const transposed = convNode([1, 3, 3, 1], KERNEL.toReversed(), { padBegin: TWO, padEnd: TWO, upsample: TWO });
  expect(
    run(transposed, [
      [1, 0],
      [0, 2],
    ]),
  ).toEqual([
    [3, 8, 3, 0, 0],
    [2, 7, 9, 0, 0],
    [5, 0, 2 + 6, 16, 6],
    [0, 0, 4, 14, 18],
    [0, 0, 10, 0, 4],
  ]);
});

test('a 3×3 kernel over 5×5 gives 3×3', () => {
  const rows = Array.from({ length: 5 }, (_, y) => Array.from({ length: 5 }, (_, x) => 5 * y + x));
  const sum = KERNEL.reduce((a, b) => a + b);
  const out = run(convNode([1, 3, 3, 1], KERNEL), rows);
  expect(out).toHaveLength(3);
  out.forEach((row, y) => expect(row).toEqual([0, 1, 2].map((x) => out[0]![0]! + sum * (5 * y + x))));
});

test('stride, dilation and padding on each axis', () => {
  const rows = [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
    [9, 10, 11, 12],
  ];
  // Taps 2 steps and 1 position apart, one row of zeros above: (y-1, x) and (y+1, x).
  const node = convNode([1, 2, 1, 1], [1, 10], { dilation: [2, 1], padBegin: [1, 0], stride: [1, 3] });
  expect(run(node, rows)).toEqual([
    [50, 80],
    [91, 124],
  ]);
});

test('groups see their own channels only', () => {
  const node = convNode([4, 1, 1, 2], [1, 1, 1, -1, 2, 0, 0, 3], { groups: 2 });
  expect(run(node, [[1, 2, 30, 40]])).toEqual([[3, -1, 60, 120]]);
});

test('a batch norm and an activation by themselves', () => {
  const norm = perChannel(NAMED, Float32Array.of(2, -1), Float32Array.of(0.5, 0), 'relu');
  expect(run(norm, [[1, 1, -1, -1]])).toEqual([[2.5, 0, 0, 1]]);
  const [row] = run(elementwise(NAMED, 'sigmoid'), [[0, 1, -1]]);
  [0.5, 0.7310586, 0.2689414].forEach((v, i) => expect(row![i]).toBeCloseTo(v, 6));
});

test('pools: overlapping windows, padding that does not count and padding that does', () => {
  const rows = [[1], [4], [2], [8]];
  const windows = { kernel: [3, 1], stride: [2, 1], padBegin: [1, 0], padEnd: [1, 0] } as const;
  expect(runPool(poolNode(windows), rows)).toEqual([[4], [8]]);
  expect(runPool(poolNode({ ...windows, mode: 'average' }), rows)).toEqual([[2.5], [14 / 3].map(Math.fround)]);
  expect(runPool(poolNode({ ...windows, mode: 'average', countPadding: true }), rows)).toEqual([
    [5 / 3].map(Math.fround),
    [14 / 3].map(Math.fround),
  ]);
  expect(runPool(poolNode({ ...windows, mode: 'lp', order: 2 }), [[3], [-4], [0], [5]])).toEqual([
    [5],
    [Math.fround(Math.sqrt(41))],
  ]);
});

test('pools over all steps, channel by channel, and over width', () => {
  expect(
    runPool(poolNode({ channels: 2 }), [
      [1, 9],
      [7, 2],
    ]),
  ).toEqual([[7, 9]]);
  expect(
    runPool(poolNode({ channels: 2, kernel: ['all', 2] }), [
      [1, 9, 3, 4],
      [7, 2, 0, 11],
    ]),
  ).toEqual([[7, 11]]);
  expect(runPool(poolNode({ channels: 1, kernel: [1, 2], mode: 'lp', order: 1 }), [[1, -9, 3]])).toEqual([[10, 12]]);
});

test('lengths compose: what shapes say is what runs, for every length', () => {
  const table = { name: 'e', shape: [2, 6], data: new Float32Array(12) };
  const stack = [
    { op: 'embedding' as const, output: 'x', table },
    convNode([3, 3, 2, 1], new Array<number>(18).fill(1), {
      output: 'a',
      stride: [2, 2],
      padBegin: [1, 0],
    }),
    poolNode({ output: 'b', input: 'a', channels: 3, kernel: [2, 1], stride: [1, 1], mode: 'average' }),
    convNode([2, 2, 3, 3], new Array<number>(36).fill(1), {
      output: 'c',
      input: 'b',
      stride: [3, 1],
      dilation: [2, 1],
    }),
  ] as const;
  const shapes = shapesOf(stack);
  const least = leastTokens(stack);
  for (let tokens = 1; tokens < 40; tokens++) {
    const rows = Array.from({ length: tokens }, () => new Array<number>(6).fill(1));
    const steps = stepsOf(shapes.get('c')!.time!, tokens);
    expect(steps >= 1).toBe(tokens >= least);
    if (tokens < least) continue;
    const b = pool(stack[2], conv(stack[1], value(rows), typescriptFloatKernels));
    const c = conv(stack[3], b, typescriptFloatKernels);
    expect([c.steps, c.features]).toEqual([steps, shapes.get('c')!.features]);
  }
  expect(positionsOf(5, { kernel: 3, stride: 1, dilation: 1, upsample: 1, padBegin: 0, padEnd: 0 })).toBe(3);
});

test('shapes that do not fit are refused with the layer', () => {
  const embedding = {
    op: 'embedding' as const,
    output: 'x',
    table: { name: 'e', shape: [2, 6], data: new Float32Array(12) },
  };
  const refused = (...nodes: (ConvNode | PoolNode)[]) => {
    try {
      shapesOf([embedding, ...nodes]);
    } catch (error) {
      return String(error);
    }
    return 'accepted';
  };
  expect(refused(convNode([1, 1, 1, 4], [1, 1, 1, 1]))).toMatch(/6 features are not made of 4 channels.*"y"/);
  expect(refused(convNode([1, 1, 7, 1], new Array<number>(7).fill(1)))).toMatch(/kernel is wider/);
  const down = convNode([6, 1, 1, 6], new Array<number>(36).fill(1), { output: 'd', stride: [2, 1] });
  const up = convNode([1, 1, 1, 6], new Array<number>(6).fill(1), { input: 'd', upsample: [2, 1] });
  expect(refused(down, up)).toMatch(/transposed convolution over time after a stride/);
  expect(refused(poolNode({ channels: 6, output: 'd' }), { ...up, upsample: [1, 1], padEnd: [2, 0] })).toMatch(
    /makes several steps of one/,
  );
});
