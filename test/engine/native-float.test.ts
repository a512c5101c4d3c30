/** The float kernels in C++ behind the interface of the ones in TypeScript. */
import { nativeFloatKernels } from '../../src/engine/native-addon.js';
import { typescriptFloatKernels } from '../../src/graph/float-kernels.js';

const native = nativeFloatKernels()!;

/** Values in [-1, 1) that repeat only after a while. */
function floats(length: number, salt: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => ((i * 7919 + salt * 104729) % 2003) / 1001.5 - 1);
}

function expectClose(actual: Float32Array, expected: Float32Array): void {
  const worst = actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
  expect(worst).toBeLessThan(2e-5);
  expect(actual.every(Number.isFinite)).toBe(true);
}

test.each([1, 7, 8, 9, 33])('matmul of %i columns is that of TypeScript', (columns) => {
  const [steps, rows] = [3, 5];
  const [x, weight, bias] = [floats(steps * columns, 1), floats(rows * columns, 2), floats(rows, 3)];
  for (const b of [bias, undefined]) {
    const [ours, theirs] = [new Float32Array(steps * rows), new Float32Array(steps * rows)];
    native.matmul(x, weight, b, ours, steps, rows, columns);
    typescriptFloatKernels.matmul(x, weight, b, theirs, steps, rows, columns);
    expectClose(ours, theirs);
  }
});

test('lstm leaves outputs, state and pre-activations as TypeScript does', () => {
  const [steps, n] = [6, 11];
  const run = (kernels: typeof native) => {
    const [gates, hidden, cell, out] = [
      floats(steps * 4 * n, 4),
      floats(n, 5),
      floats(n, 6),
      new Float32Array(steps * n),
    ];
    kernels.lstm(gates, floats(4 * n * n, 7), hidden, cell, out, steps, n);
    return { gates, hidden, cell, out };
  };
  const [ours, theirs] = [run(native), run(typescriptFloatKernels)];
  for (const key of ['gates', 'hidden', 'cell', 'out'] as const) expectClose(ours[key], theirs[key]);
});

test('logSumExp neither overflows nor underflows', () => {
  const x = Float32Array.of(1000, 1001, 999, -1000, -1001, -999, 0, 0, 0);
  const out = new Float32Array(3);
  native.logSumExp(x, out, 3, 3);
  const ln = Math.log(Math.exp(-1) + 1 + Math.exp(-2));
  expectClose(out, Float32Array.of(1001 + ln, -999 + ln, Math.log(3)));
});

test('arrays shorter than their shape are refused before anything is read', () => {
  const [short, long] = [new Float32Array(3), new Float32Array(100)];
  expect(() => native.matmul(short, long, undefined, long, 2, 2, 2)).toThrow('too short');
  expect(() => native.matmul(long, long, short, long, 2, 4, 2)).toThrow('too short');
  expect(() => native.lstm(long, long, short, long, long, 1, 4)).toThrow('too short');
  expect(() => native.logSumExp(long, short, 4, 4)).toThrow('too short');
  expect(() => native.matmul([1] as unknown as Float32Array, long, undefined, long, 1, 1, 1)).toThrow('Float32Array');
});

test('impossible sizes are refused', () => {
  const array = new Float32Array(16);
  for (const steps of [-1, 2 ** 53])
    expect(() => native.matmul(array, array, undefined, array, steps, 4, 4)).toThrow('size');
});
