/**
 * Convolutions and pools computed in another way than the engine does: the input is spread and padded into an array of
 * its own, and windows are cut out of it. In exact integers.
 */
import { windowsOf, type OpOf } from '../../../src/image/ops';
import { OverTime, PoolMode } from '../../../src/schema/image';

/** [time][width][channel]; undefined where padding is. */
type Cell = readonly number[] | undefined;

export interface Sequence {
  readonly steps: number;
  /** [steps, features] */
  readonly values: ArrayLike<number>;
}

/** Axis by axis, what a conv or pool sees: between the input's cells `zero`, around them undefined. */
function surround(cells: readonly Cell[][], op: OpOf<'conv'> | OpOf<'pool'>, zero: Cell): Cell[][] {
  const stretch = <T>(line: readonly T[], axis: 0 | 1, between: () => T, outside: () => T): T[] => {
    const { upsample, padBegin, padEnd } = windowsOf(op, axis);
    const spread = line.flatMap((item, i) => [...(i === 0 ? [] : Array.from({ length: upsample - 1 }, between)), item]);
    return [...Array.from({ length: padBegin }, outside), ...spread, ...Array.from({ length: padEnd }, outside)];
  };
  const rows = cells.map((row) =>
    stretch<Cell>(
      row,
      1,
      () => zero,
      () => undefined,
    ),
  );
  const like = (cell: Cell) => (): Cell[] => rows[0]!.map(() => cell);
  return stretch(rows, 0, like(zero), like(undefined));
}

/** Windows in the order of the output, each [kernel[0] · kernel[1]] cells, and how many there are on each axis. */
function cut(input: Sequence, op: OpOf<'conv'> | OpOf<'pool'>): { windows: Cell[][]; steps: number } {
  const { steps, values } = input;
  const width = values.length / steps / op.channels;
  const cell = (t: number, x: number): number[] =>
    Array.from({ length: op.channels }, (_, c) => values[(t * width + x) * op.channels + c]!);
  const cells = Array.from({ length: steps }, (_, t) => Array.from({ length: width }, (_v, x) => cell(t, x)));
  const around = surround(cells, op, new Array<number>(op.channels).fill(0));
  const starts = (size: number, axis: 0 | 1): { at: number[]; offsets: number[] } => {
    const { kernel, stride, dilation } = windowsOf(op, axis);
    const span = kernel === 0 ? size : kernel;
    const at = [];
    for (let i = 0; i + (span - 1) * dilation < size; i += stride) at.push(i);
    return { at, offsets: Array.from({ length: span }, (_, i) => i * dilation) };
  };
  const [vertical, horizontal] = [starts(around.length, 0), starts(around[0]!.length, 1)];
  const windows = vertical.at.flatMap((y) =>
    horizontal.at.map((x) => vertical.offsets.flatMap((i) => horizontal.offsets.map((j) => around[y + i]![x + j]))),
  );
  return { windows, steps: vertical.at.length };
}

/** @param dense what row r of the matrix makes of a window, activated */
export function convolve(
  input: Sequence,
  op: OpOf<'conv'>,
  filters: number,
  dense: (row: number, window: number[]) => number,
): number[] {
  const perGroup = op.channels / op.groups;
  const { windows, steps } = cut(input, op);
  const results = windows.flatMap((window) =>
    Array.from({ length: filters }, (_, row) => {
      const first = Math.floor((row * op.groups) / filters) * perGroup;
      const channels = Array.from({ length: perGroup }, (_v, k) => first + k);
      return dense(
        row,
        window.flatMap((cell) => channels.map((c) => cell?.[c] ?? 0)),
      );
    }),
  );
  if (op.over_time !== OverTime.largest) return results;
  const features = results.length / steps;
  return Array.from({ length: features }, (_, j) => Math.max(...results.filter((_v, i) => i % features === j)));
}

export function pooled(input: Sequence, op: OpOf<'pool'>): number[] {
  return cut(input, op).windows.flatMap((window) =>
    Array.from({ length: op.channels }, (_, c) => {
      const there = window.flatMap((cell) => (cell === undefined ? [] : [BigInt(cell[c]!)]));
      if (op.mode === PoolMode.max) return Number(there.reduce((a, b) => (a > b ? a : b)));
      if (op.mode === PoolMode.average) return mean(there, op.count_padding ? window.length : there.length, op.gain);
      return norm(there, op);
    }),
  );
}

const sat8 = (v: bigint): number => Number(v < -127n ? -127n : v > 127n ? 127n : v);

function mean(elements: readonly bigint[], count: number, gain: number): number {
  const n = BigInt(count);
  const sum = elements.reduce((a, b) => a + b) * 2n ** BigInt(gain);
  // The integer m with 2m - 1 ≤ 2·sum / n < 2m + 1, by trial.
  let m = sum / n - 1n;
  while ((2n * m + 1n) * n <= 2n * sum) m++;
  return sat8(m);
}

function norm(elements: readonly bigint[], op: OpOf<'pool'>): number {
  const order = BigInt(op.order);
  const sum = elements.reduce((total, x) => total + (x < 0n ? -x : x) ** order, 0n) << (8n * order);
  let [low, high] = [0n, 2n ** 31n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** order <= sum) low = middle;
    else high = middle;
  }
  return sat8((low * BigInt(op.multiplier) + (1n << BigInt(op.shift - 1))) >> BigInt(op.shift));
}
