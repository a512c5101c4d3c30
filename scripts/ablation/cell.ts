/** Float kernels whose LSTM cells are rounded to int16 after every step, as most integer LSTMs keep them. */
import type { FloatKernels } from '../../src/graph/float-kernels.js';

/** Notes the largest cell there is. */
export class CellRange {
  largest = 0;

  watch(kernels: FloatKernels): FloatKernels {
    return stepwise(kernels, (cell) => {
      for (const c of cell) this.largest = Math.max(this.largest, Math.abs(c));
    });
  }
}

/** int16 with the power-of-two scale that just holds `largest`. */
export function withInt16Cells(kernels: FloatKernels, largest: number): FloatKernels {
  const unit = 2 ** (Math.ceil(Math.log2(largest)) - 15);
  return stepwise(kernels, (cell) => {
    for (let u = 0; u < cell.length; u++)
      cell[u] = Math.max(-32768, Math.min(32767, Math.round(cell[u]! / unit))) * unit;
  });
}

function stepwise(kernels: FloatKernels, afterStep: (cell: Float32Array) => void): FloatKernels {
  return {
    name: kernels.name,
    matmul: (...operands) => kernels.matmul(...operands),
    logSumExp: (...operands) => kernels.logSumExp(...operands),
    lstm(gates, recurrent, hidden, cell, out, steps, size) {
      for (let t = 0; t < steps; t++) {
        const at = gates.subarray(t * 4 * size, (t + 1) * 4 * size);
        kernels.lstm(at, recurrent, hidden, cell, out.subarray(t * size, (t + 1) * size), 1, size);
        afterStep(cell);
      }
    },
  };
}
