/** Rows to int8, biases to accumulator units, and the proof that no sum leaves int32. */
import fc from 'fast-check';
import { LinnetError } from '../../src/errors.js';
import { minScalesForBias, proveNoOverflow, toDense } from '../../src/quantize/dense.js';
import { quantizeRows } from '../../src/quantize/rows.js';

const floats = (length: number) =>
  fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: length, maxLength: length });

/** The real value of a row of `dense` on an input of integers. */
function evaluate(dense: ReturnType<typeof toDense>, row: number, x: number[]): number {
  const columns = x.length;
  let acc = dense.bias?.[row] ?? 0;
  for (let k = 0; k < columns; k++) acc += dense.weight[row * columns + k]! * x[k]!;
  expect(Math.abs(acc)).toBeLessThan(2 ** 31);
  return (acc * dense.multiplier[row]!) / 2 ** dense.shift[row]!;
}

test('a quantized matrix computes what the float one does, to the rounding of its weights', () => {
  const [rows, columns, inputScale, outputScale] = [3, 5, 1 / 100, 1 / 4096];
  fc.assert(
    fc.property(
      floats(rows * columns),
      floats(rows),
      fc.array(fc.integer({ min: -127, max: 127 }), { minLength: columns, maxLength: columns }),
      (w, b, x) => {
        const [weight, bias] = [Float32Array.from(w), Float32Array.from(b)];
        const quantized = quantizeRows(weight, minScalesForBias(bias, inputScale));
        expect(quantized.values.every((v) => v >= -127 && v <= 127)).toBe(true);
        const dense = toDense('w', quantized, bias, inputScale, outputScale);
        for (let r = 0; r < rows; r++) {
          const exact = x.reduce((sum, v, k) => sum + v * inputScale * weight[r * columns + k]!, bias[r]!);
          const step = quantized.scales[r]!;
          const inputs = x.reduce((sum, v) => sum + Math.abs(v), 1);
          // A multiplier of 0 stands for results below half a unit of the output.
          const tolerance =
            step * inputScale * inputs +
            1e-6 * (1 + Math.abs(exact)) +
            (dense.multiplier[r] === 0 ? outputScale / 2 : 0);
          expect(Math.abs(evaluate(dense, r, x) * outputScale - exact)).toBeLessThanOrEqual(tolerance);
        }
      },
    ),
  );
});

test('a row reaches 127 at its largest magnitude', () => {
  const { values, scales } = quantizeRows(Float32Array.of(0.5, -2, 1, 0, 0, 0), [0, 0]);
  expect([...values]).toEqual([32, -127, 64, 0, 0, 0]);
  expect([...scales]).toEqual([2 / 127, 0]);
});

test('a row of zeros without a bias has multiplier 0, with one it computes the bias', () => {
  const bias = Float32Array.of(0, 0.75, -3);
  const rows = quantizeRows(new Float32Array(6), minScalesForBias(bias, 0.01));
  const dense = toDense('w', rows, bias, 0.01, 2 ** -12);
  expect(dense.multiplier[0]).toBe(0);
  expect([0, 1, 2].map((r) => Math.round(evaluate(dense, r, [1, 1])))).toEqual([0, 0.75 * 4096, -3 * 4096]);
});

test('a bias too large for the accumulator raises the scale of its row', () => {
  const bias = Float32Array.of(1e4);
  const weight = Float32Array.of(1e-6, -1e-6);
  const rows = quantizeRows(weight, minScalesForBias(bias, 1 / 128));
  const dense = toDense('w', rows, bias, 1 / 128, 1);
  expect(Math.abs(dense.bias![0]!)).toBeLessThan(2 ** 30);
  expect(Math.round(evaluate(dense, 0, [127, 127]))).toBe(10_000);
});

test('the longest rows the format allows pass the proof with the largest bias', () => {
  const columns = 65536;
  const bias = Float32Array.of(1e9);
  const rows = quantizeRows(new Float32Array(columns).fill(1), minScalesForBias(bias, 1));
  expect(() => toDense('w', { values: rows.values.fill(127), scales: rows.scales }, bias, 1, 1e4)).not.toThrow();
});

test('a row that could overflow is refused by name', () => {
  const dense = {
    weight: new Int8Array(132105).fill(127),
    bias: undefined,
    multiplier: Int32Array.of(2 ** 30),
    shift: Uint8Array.of(30),
  };
  expect(() => proveNoOverflow('fc.weight', dense)).toThrow(LinnetError);
  expect(() => proveNoOverflow('fc.weight', dense)).toThrow(/row 0.*"fc.weight"/);
  const fits = { ...dense, weight: dense.weight.subarray(0, 132104) };
  expect(() => proveNoOverflow('fc.weight', fits)).not.toThrow();
  const biased = { ...fits, bias: Int32Array.of(2 ** 31 - 128 * 127 * 132104) };
  expect(() => proveNoOverflow('fc.weight', biased)).toThrow(/could exceed 32 bits/);
});

test('weights beyond the range of multipliers are refused by name', () => {
  const rows = quantizeRows(Float32Array.of(1e9), [0]);
  expect(() => toDense('rnn.weight_hh_l0', rows, undefined, 1 / 128, 2 ** -12)).toThrow(
    expect.objectContaining({ code: 'unsupported_model', where: 'tensor "rnn.weight_hh_l0"' }),
  );
});
