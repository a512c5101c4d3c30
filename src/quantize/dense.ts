/** A matrix with its bias → the integers of `dense` in docs/numerics.md, 2, with the proof that no sum overflows. */
import { LinnetError } from '../errors.js';
import { MULTIPLIER_LIMIT, toMultiplier } from './multiplier.js';
import type { QuantizedRows } from './rows.js';

export interface QuantizedDense {
  /** [rows, columns] in [-127, 127] */
  readonly weight: Int8Array;
  /** [rows] in units of inputScale · row scale */
  readonly bias: Int32Array | undefined;
  /** [rows] 0 or in [2^30, 2^31) */
  readonly multiplier: Int32Array;
  /** [rows] 17 … 62 */
  readonly shift: Uint8Array;
}

/** A bias may fill this much of an accumulator; 128 · 127 · 65536, the most the products can add, fits beside it. */
const LARGEST_BIAS = 2 ** 30 - 1;

/** [rows] the scales below which the biases would not fit the accumulator. */
export function minScalesForBias(bias: Float32Array, inputScale: number): Float64Array {
  return Float64Array.from(bias, (b) => Math.abs(b) / (inputScale * LARGEST_BIAS));
}

/**
 * @param name of the weight, for messages
 * @param bias [rows], or undefined for none; rows.scales must not be below `minScalesForBias`
 * @param inputScale real value of one unit of the input
 * @param outputScale real value of one unit of the output
 * @throws LinnetError unsupported_model if a row's weights are too large for the output's scale,
 *   accumulator_overflow if the proof fails
 */
export function toDense(
  name: string,
  { values, scales }: QuantizedRows,
  bias: Float32Array | undefined,
  inputScale: number,
  outputScale: number,
): QuantizedDense {
  const rows = scales.length;
  const dense: QuantizedDense = {
    weight: values,
    bias: bias && new Int32Array(rows),
    multiplier: new Int32Array(rows),
    shift: new Uint8Array(rows),
  };
  for (let r = 0; r < rows; r++) {
    const unit = inputScale * scales[r]!;
    const factor = toMultiplier(unit / outputScale);
    if (!factor)
      throw new LinnetError(
        'unsupported_model',
        `row ${r} has weights ${(unit / outputScale / MULTIPLIER_LIMIT).toExponential(1)} times too large for its output`,
        `tensor "${name}"`,
        'calibrate with typical text; if that does not help, train with weight decay',
      );
    dense.multiplier[r] = factor.multiplier;
    dense.shift[r] = factor.shift;
    if (dense.bias && unit > 0) dense.bias[r] = Math.round(bias![r]! / unit);
  }
  proveNoOverflow(name, dense);
  return dense;
}

/** |bias| + 128 · Σ |w| < 2^31 for every row, so every partial sum in any order fits int32. */
export function proveNoOverflow(name: string, { weight, bias, multiplier }: QuantizedDense): void {
  const rows = multiplier.length;
  const columns = weight.length / rows;
  for (let r = 0; r < rows; r++) {
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += Math.abs(weight[r * columns + k]!);
    if (Math.abs(bias?.[r] ?? 0) + 128 * sum >= 2 ** 31)
      throw new LinnetError(
        'accumulator_overflow',
        `row ${r} could exceed 32 bits`,
        `tensor "${name}"`,
        `rows of ${columns} columns with such weights are too long`,
      );
  }
}
