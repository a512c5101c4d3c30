/**
 * The float32 arithmetic the float model spends its time in, behind one interface: plain TypeScript
 * here, AVX2 in native/host/ (the addon offers it as an object of this very shape).
 */

export interface FloatKernels {
  /** For messages and reports, e.g. "typescript", "avx2". */
  readonly name: string;

  /**
   * out[t][r] = bias[r] + Σ_k x[t][k] · weight[r][k]: a linear layer over `steps` rows.
   *
   * @param x [steps, columns]
   * @param weight [rows, columns]
   * @param bias [rows], or undefined for none
   * @param out [steps, rows], overwritten; must not overlap the inputs
   */
  matmul(
    x: Float32Array,
    weight: Float32Array,
    bias: Float32Array | undefined,
    out: Float32Array,
    steps: number,
    rows: number,
    columns: number,
  ): void;

  /**
   * The recurrent half of an LSTM layer over `steps` steps, gates in PyTorch's order i, f, g, o.
   *
   * @param gates [steps, 4·hiddenSize]: W·x + b on entry, the whole pre-activations on return
   * @param recurrent [4·hiddenSize, hiddenSize]
   * @param hidden [hiddenSize], the state before the first step on entry, after the last on return
   * @param cell [hiddenSize], likewise
   * @param out [steps, hiddenSize], overwritten with h of every step
   */
  lstm(
    gates: Float32Array,
    recurrent: Float32Array,
    hidden: Float32Array,
    cell: Float32Array,
    out: Float32Array,
    steps: number,
    hiddenSize: number,
  ): void;

  /**
   * out[t] = ln Σ_r exp(x[t][r]), safe from overflow.
   *
   * @param x [steps, rows]
   * @param out [steps], overwritten
   */
  logSumExp(x: Float32Array, out: Float32Array, steps: number, rows: number): void;
}

/** Sums in double precision, so this is also the more exact of the implementations. */
export const typescriptFloatKernels: FloatKernels = {
  name: 'typescript',

  matmul(x, weight, bias, out, steps, rows, columns) {
    for (let t = 0; t < steps; t++) multiplyRow(x, t * columns, weight, bias, 0, out, t * rows, rows, columns);
  },

  lstm(gates, recurrent, hidden, cell, out, steps, hiddenSize) {
    const n = hiddenSize;
    for (let t = 0; t < steps; t++) {
      const at = t * 4 * n;
      multiplyRow(hidden, 0, recurrent, gates, at, gates, at, 4 * n, n);
      for (let u = 0; u < n; u++) {
        const input = sigmoid(gates[at + u]!);
        const forget = sigmoid(gates[at + n + u]!);
        const candidate = Math.tanh(gates[at + 2 * n + u]!);
        const output = sigmoid(gates[at + 3 * n + u]!);
        cell[u] = forget * cell[u]! + input * candidate;
        hidden[u] = output * Math.tanh(cell[u]!);
      }
      out.set(hidden.subarray(0, n), t * n);
    }
  },

  logSumExp(x, out, steps, rows) {
    for (let t = 0; t < steps; t++) {
      const row = x.subarray(t * rows, (t + 1) * rows);
      let largest = -Infinity;
      for (let r = 0; r < rows; r++) if (row[r]! > largest) largest = row[r]!;
      let sum = 0;
      for (let r = 0; r < rows; r++) sum += Math.exp(row[r]! - largest);
      out[t] = largest + Math.log(sum);
    }
  },
};

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** out[outAt + r] = bias[biasAt + r] + Σ x[xAt + k] · weight[r][k], four rows at a time: x is loaded once for all. */
function multiplyRow(
  x: Float32Array,
  xAt: number,
  weight: Float32Array,
  bias: Float32Array | undefined,
  biasAt: number,
  out: Float32Array,
  outAt: number,
  rows: number,
  columns: number,
): void {
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    const w0 = r * columns;
    const w1 = w0 + columns;
    const w2 = w1 + columns;
    const w3 = w2 + columns;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let k = 0; k < columns; k++) {
      const v = x[xAt + k]!;
      a += v * weight[w0 + k]!;
      b += v * weight[w1 + k]!;
      c += v * weight[w2 + k]!;
      d += v * weight[w3 + k]!;
    }
    out[outAt + r] = a + (bias ? bias[biasAt + r]! : 0);
    out[outAt + r + 1] = b + (bias ? bias[biasAt + r + 1]! : 0);
    out[outAt + r + 2] = c + (bias ? bias[biasAt + r + 2]! : 0);
    out[outAt + r + 3] = d + (bias ? bias[biasAt + r + 3]! : 0);
  }
  for (; r < rows; r++) {
    let a = 0;
    for (let k = 0; k < columns; k++) a += x[xAt + k]! * weight[r * columns + k]!;
    out[outAt + r] = a + (bias ? bias[biasAt + r]! : 0);
  }
}
