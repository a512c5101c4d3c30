// The portable variant, and the choice of variant.
#include "native/host/float_matmul.h"

#include <cmath>

#include "native/host/float_kernels.h"

namespace linnet {
namespace {

void matmul(const float* x, const float* w, const float* bias, float* out, size_t steps, size_t rows, size_t columns) {
  for (size_t t = 0; t < steps; ++t) {
    for (size_t r = 0; r < rows; ++r) {
      // Four sums: shorter chains for the CPU, less rounding error.
      float sum[4] = {0, 0, 0, 0};
      const float* a = x + t * columns;
      const float* b = w + r * columns;
      size_t k = 0;
      for (; k + 4 <= columns; k += 4) {
        for (size_t j = 0; j < 4; ++j) sum[j] += a[k + j] * b[k + j];
      }
      for (; k < columns; ++k) sum[0] += a[k] * b[k];
      out[t * rows + r] = (sum[0] + sum[1]) + (sum[2] + sum[3]) + (bias != nullptr ? bias[r] : 0.0f);
    }
  }
}

float sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

void lstm(float* gates, const float* recurrent, float* hidden, float* cell, float* out, size_t steps,
          size_t hidden_size) {
  const size_t n = hidden_size;
  for (size_t t = 0; t < steps; ++t) {
    float* pre = gates + t * 4 * n;
    for (size_t r = 0; r < 4 * n; ++r) {
      float sum;
      matmul(hidden, recurrent + r * n, nullptr, &sum, 1, 1, n);
      pre[r] += sum;
    }
    for (size_t u = 0; u < n; ++u) {
      cell[u] = sigmoid(pre[n + u]) * cell[u] + sigmoid(pre[u]) * std::tanh(pre[2 * n + u]);
      hidden[u] = sigmoid(pre[3 * n + u]) * std::tanh(cell[u]);
      out[t * n + u] = hidden[u];
    }
  }
}

void log_sum_exp(const float* x, float* out, size_t steps, size_t rows) {
  for (size_t t = 0; t < steps; ++t) {
    const float* row = x + t * rows;
    float largest = row[0];
    for (size_t r = 1; r < rows; ++r) {
      if (row[r] > largest) largest = row[r];
    }
    double sum = 0;
    for (size_t r = 0; r < rows; ++r) sum += std::exp(row[r] - largest);
    out[t] = largest + static_cast<float>(std::log(sum));
  }
}

const FloatKernels& chosen() {
  static const FloatKernels* const kernels = float_avx2() != nullptr ? float_avx2() : &kFloatPortable;
  return *kernels;
}

}  // namespace

const FloatKernels kFloatPortable = {"portable", matmul, lstm, log_sum_exp};

void float_matmul(const float* x, const float* w, const float* bias, float* out, size_t steps, size_t rows,
                  size_t columns) {
  chosen().matmul(x, w, bias, out, steps, rows, columns);
}

void float_lstm(float* gates, const float* recurrent, float* hidden, float* cell, float* out, size_t steps,
                size_t hidden_size) {
  chosen().lstm(gates, recurrent, hidden, cell, out, steps, hidden_size);
}

void float_log_sum_exp(const float* x, float* out, size_t steps, size_t rows) {
  chosen().log_sum_exp(x, out, steps, rows);
}

const char* float_variant() { return chosen().name; }

}  // namespace linnet
