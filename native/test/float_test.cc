// Both float variants against double-precision formulas: sizes around the block and vector widths.
#include <algorithm>
#include <cmath>
#include <vector>

#include "native/host/float_kernels.h"
#include "native/test/test.h"

namespace linnet {
namespace {

std::vector<float> noise(size_t size, float range, uint32_t seed) {
  std::vector<float> values(size);
  for (float& v : values) {
    seed = seed * 1664525u + 1013904223u;
    v = (static_cast<float>(seed >> 8) / (1 << 23) - 1.0f) * range;
  }
  return values;
}

bool close(double actual, double expected, double tolerance) {
  return std::abs(actual - expected) <= tolerance * (1 + std::abs(expected));
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// The variants this CPU runs.
std::vector<const FloatKernels*> variants() {
  if (float_avx2() == nullptr) return {&kFloatPortable};
  return {&kFloatPortable, float_avx2()};
}

void check_matmul(const FloatKernels& kernels, size_t steps, size_t rows, size_t columns) {
  const auto x = noise(steps * columns, 2, 1), w = noise(rows * columns, 2, 2), bias = noise(rows, 2, 3);
  for (const float* b : {bias.data(), static_cast<const float*>(nullptr)}) {
    std::vector<float> out(steps * rows + 1, 99.0f);
    kernels.matmul(x.data(), w.data(), b, out.data(), steps, rows, columns);
    for (size_t t = 0; t < steps; ++t) {
      for (size_t r = 0; r < rows; ++r) {
        double sum = b != nullptr ? b[r] : 0;
        for (size_t k = 0; k < columns; ++k) sum += static_cast<double>(x[t * columns + k]) * w[r * columns + k];
        CHECK(close(out[t * rows + r], sum, 3e-6));
      }
    }
    CHECK_EQ(out[steps * rows], 99.0f);
  }
}

void check_lstm(const FloatKernels& kernels, size_t n) {
  const size_t steps = 4;
  auto gates = noise(steps * 4 * n, 3, 4);
  const auto given = gates, recurrent = noise(4 * n * n, 1, 5);
  auto hidden = noise(n, 1, 6), cell = noise(n, 1, 7);
  std::vector<double> h(hidden.begin(), hidden.end()), c(cell.begin(), cell.end()), pre(4 * n);
  std::vector<float> out(steps * n);
  kernels.lstm(gates.data(), recurrent.data(), hidden.data(), cell.data(), out.data(), steps, n);
  for (size_t t = 0; t < steps; ++t) {
    for (size_t r = 0; r < 4 * n; ++r) {
      pre[r] = given[t * 4 * n + r];
      for (size_t k = 0; k < n; ++k) pre[r] += h[k] * recurrent[r * n + k];
      CHECK(close(gates[t * 4 * n + r], pre[r], 1e-5));
    }
    for (size_t u = 0; u < n; ++u) {
      c[u] = sigmoid(pre[n + u]) * c[u] + sigmoid(pre[u]) * std::tanh(pre[2 * n + u]);
      h[u] = sigmoid(pre[3 * n + u]) * std::tanh(c[u]);
      CHECK(close(out[t * n + u], h[u], 1e-5));
    }
  }
  for (size_t u = 0; u < n; ++u) CHECK(close(cell[u], c[u], 1e-5));
}

TEST("float matmul is x·wᵀ + bias in every variant") {
  for (const FloatKernels* kernels : variants()) {
    for (size_t steps : {1, 2, 3, 4, 7}) {
      for (size_t rows : {1, 3, 4, 5, 9}) {
        for (size_t columns : {1, 3, 4, 7, 8, 9, 16, 35}) check_matmul(*kernels, steps, rows, columns);
      }
    }
  }
}

TEST("float lstm is the recurrence of PyTorch in every variant") {
  for (const FloatKernels* kernels : variants()) {
    for (size_t n : {1, 3, 7, 8, 9, 20}) check_lstm(*kernels, n);
  }
}

TEST("float log-sum-exp neither overflows nor loses small terms in any variant") {
  for (const FloatKernels* kernels : variants()) {
    for (size_t rows : {1, 7, 8, 9, 40}) {
      auto x = noise(2 * rows, 10, 8);
      x[0] = 500;
      x[rows] = -500;
      float out[2];
      kernels->log_sum_exp(x.data(), out, 2, rows);
      for (size_t t = 0; t < 2; ++t) {
        double largest = -1e9, sum = 0;
        for (size_t r = 0; r < rows; ++r) largest = std::max<double>(largest, x[t * rows + r]);
        for (size_t r = 0; r < rows; ++r) sum += std::exp(x[t * rows + r] - largest);
        CHECK(close(out[t], largest + std::log(sum), 1e-6));
      }
    }
  }
}

}  // namespace
}  // namespace linnet
