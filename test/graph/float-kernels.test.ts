/** The float kernels against their formulas, in TypeScript and, where the addon is built, in C++. */
import { nativeFloatKernels } from '../../src/engine/native-addon.js';
import { typescriptFloatKernels, type FloatKernels } from '../../src/graph/float-kernels.js';

const implementations: [string, FloatKernels | undefined][] = [
  ['typescript', typescriptFloatKernels],
  ['native', nativeFloatKernels()],
];

/** Reproducible values in [-range, range). */
function noise(length: number, range: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * range;
  });
}

function expectClose(actual: Float32Array, expected: ArrayLike<number>, tolerance: number, where: string): void {
  for (let i = 0; i < actual.length; i++)
    if (!(Math.abs(actual[i]! - expected[i]!) <= tolerance * Math.max(1, Math.abs(expected[i]!))))
      throw new Error(`${where}: [${i}] is ${actual[i]}, expected ${expected[i]}`);
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

describe.each(implementations)('%s', (name, kernels) => {
  if (!kernels) {
    test.skip('the addon is not built: run "npm run build:native" to test the C++ kernels too', () => {});
    return;
  }
  test('says its name', () => expect(kernels.name).toMatch(name === 'native' ? /^(avx2|portable)$/ : name));

  test('matmul is x · weightᵀ + bias for all sizes around the block and vector widths', () => {
    for (const steps of [1, 2, 3, 4, 7])
      for (const rows of [1, 3, 4, 5, 9])
        for (const columns of [1, 7, 8, 9, 16, 35]) {
          const [x, w, bias] = [noise(steps * columns, 2, 1), noise(rows * columns, 2, 2), noise(rows, 2, 3)];
          for (const b of [bias, undefined]) {
            const out = new Float32Array(steps * rows + 1).fill(99);
            kernels.matmul(x, w, b, out, steps, rows, columns);
            const expected = Array.from({ length: steps * rows }, (_, i) => {
              const [t, r] = [Math.floor(i / rows), i % rows];
              let sum = b?.[r] ?? 0;
              for (let k = 0; k < columns; k++) sum += x[t * columns + k]! * w[r * columns + k]!;
              return sum;
            });
            expectClose(out.subarray(0, -1), expected, 2e-6, `${steps} × ${rows} × ${columns}`);
            expect(out[steps * rows]).toBe(99);
          }
        }
  });

  test('lstm is the recurrence of PyTorch, gates i, f, g, o, state carried from call to call', () => {
    for (const n of [1, 3, 7, 8, 9, 20]) {
      const steps = 5;
      const gates = noise(steps * 4 * n, 3, 4);
      const recurrent = noise(4 * n * n, 1, 5);
      const [hidden, cell] = [noise(n, 1, 6), noise(n, 1, 7)];
      const [h, c] = [Array.from(hidden), Array.from(cell)];
      const expected: number[] = [];
      for (let t = 0; t < steps; t++) {
        const pre = Array.from({ length: 4 * n }, (_, r) =>
          h.reduce((sum, v, k) => sum + v * recurrent[r * n + k]!, gates[t * 4 * n + r]!),
        );
        for (let u = 0; u < n; u++) {
          c[u] = sigmoid(pre[n + u]!) * c[u]! + sigmoid(pre[u]!) * Math.tanh(pre[2 * n + u]!);
          h[u] = sigmoid(pre[3 * n + u]!) * Math.tanh(c[u]!);
        }
        expected.push(...h);
      }
      const out = new Float32Array(steps * n);
      const first = 2;
      kernels.lstm(gates.subarray(0, first * 4 * n), recurrent, hidden, cell, out.subarray(0, first * n), first, n);
      kernels.lstm(gates.subarray(first * 4 * n), recurrent, hidden, cell, out.subarray(first * n), steps - first, n);
      expectClose(out, expected, 5e-6, `hidden size ${n}`);
      expectClose(hidden, h, 5e-6, 'hidden state');
      expectClose(cell, c, 5e-6, 'cell state');
    }
  });

  test('lstm saturates cleanly at huge pre-activations', () => {
    const gates = Float32Array.of(1e4, 1e4, 1e4, 1e4, -1e4, -1e4, -1e4, -1e4);
    const out = new Float32Array(2);
    kernels.lstm(gates, new Float32Array(4), new Float32Array(1), new Float32Array(1), out, 2, 1);
    expectClose(out, [Math.tanh(1), 0], 1e-6, 'outputs');
  });

  test('logSumExp neither overflows nor loses small terms', () => {
    for (const rows of [1, 7, 8, 9, 40]) {
      const x = noise(2 * rows, 10, 8);
      x[0] = 500;
      x[rows] = -500;
      const out = new Float32Array(2);
      kernels.logSumExp(x, out, 2, rows);
      const expected = [0, 1].map((t) => {
        const row = Array.from(x.subarray(t * rows, (t + 1) * rows));
        const largest = Math.max(...row);
        return largest + Math.log(row.reduce((sum, v) => sum + Math.exp(v - largest), 0));
      });
      expectClose(out, expected, 1e-6, `${rows} rows`);
    }
  });
});
