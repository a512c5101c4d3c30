// float32 kernels of the float model (src/graph/), on the host only: the yardstick the integer engine is
// measured against, never part of it. src/graph/float-kernels.ts has the same functions in TypeScript and the
// interface through which they are called: { name, matmul, lstm, logSumExp }.
//
// All arrays are dense, row-major, of any alignment, and do not overlap. Sums run in a fixed order, so a variant
// gives the same bits every time; variants differ from each other by rounding only.
#pragma once

#include <cstddef>
#include <cstdint>

namespace linnet {

// out[t][r] = bias[r] + Σ_k x[t][k] · w[r][k]. x [steps, columns], w [rows, columns], bias [rows] or null,
// out [steps, rows].
void float_matmul(const float* x, const float* w, const float* bias, float* out, size_t steps, size_t rows,
                  size_t columns);

// The recurrent half of an LSTM layer, gates in PyTorch's order i, f, g, o.
// gates [steps, 4·hidden_size]: W·x + b on entry, the whole pre-activations on return.
// recurrent [4·hidden_size, hidden_size]; hidden, cell [hidden_size]: state, updated; out [steps, hidden_size].
void float_lstm(float* gates, const float* recurrent, float* hidden, float* cell, float* out, size_t steps,
                size_t hidden_size);

// out[t] = ln Σ_r exp(x[t][r]). x [steps, rows], out [steps]; rows ≥ 1.
void float_log_sum_exp(const float* x, float* out, size_t steps, size_t rows);

// "avx2" or "portable": what the functions above run on this CPU.
const char* float_variant();

}  // namespace linnet
