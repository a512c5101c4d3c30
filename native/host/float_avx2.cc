// AVX2 + FMA variant: register-blocked dot products and a vector exp.
#include "native/host/float_kernels.h"

#if (defined(__x86_64__) || defined(_M_X64)) && defined(__GNUC__)

#include <immintrin.h>

#include <cmath>

#define LINNET_AVX2 __attribute__((target("avx2,fma")))
#define LINNET_AVX2_INLINE __attribute__((target("avx2,fma"), always_inline)) inline

namespace linnet {
namespace {

constexpr size_t kLanes = 8;

LINNET_AVX2_INLINE float sum_lanes(__m256 v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  s = _mm_add_ss(s, _mm_shuffle_ps(s, s, 1));
  return _mm_cvtss_f32(s);
}

// out[i][j] = init + x[i]·w[j] for i < Steps, j < Rows: Steps·Rows sums stay in registers while Steps + Rows
// loads feed them. 3 × 4 fills the sixteen ymm registers.
template <size_t Steps, size_t Rows>
LINNET_AVX2_INLINE void block(const float* x, const float* w, const float* bias, float* out, size_t out_stride,
                              size_t columns) {
  __m256 sum[Steps][Rows];
  for (size_t i = 0; i < Steps; ++i) {
    for (size_t j = 0; j < Rows; ++j) sum[i][j] = _mm256_setzero_ps();
  }
  size_t k = 0;
  for (; k + kLanes <= columns; k += kLanes) {
    __m256 a[Steps];
    for (size_t i = 0; i < Steps; ++i) a[i] = _mm256_loadu_ps(x + i * columns + k);
    for (size_t j = 0; j < Rows; ++j) {
      const __m256 b = _mm256_loadu_ps(w + j * columns + k);
      for (size_t i = 0; i < Steps; ++i) sum[i][j] = _mm256_fmadd_ps(a[i], b, sum[i][j]);
    }
  }
  for (size_t i = 0; i < Steps; ++i) {
    for (size_t j = 0; j < Rows; ++j) {
      float total = sum_lanes(sum[i][j]);
      for (size_t tail = k; tail < columns; ++tail) total += x[i * columns + tail] * w[j * columns + tail];
      out[i * out_stride + j] = total + (bias != nullptr ? bias[j] : 0.0f);
    }
  }
}

template <size_t Steps>
LINNET_AVX2_INLINE void all_rows(const float* x, const float* w, const float* bias, float* out, size_t rows,
                                 size_t columns) {
  size_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    block<Steps, 4>(x, w + r * columns, bias != nullptr ? bias + r : nullptr, out + r, rows, columns);
  }
  for (; r < rows; ++r) {
    block<Steps, 1>(x, w + r * columns, bias != nullptr ? bias + r : nullptr, out + r, rows, columns);
  }
}

LINNET_AVX2 void matmul(const float* x, const float* w, const float* bias, float* out, size_t steps, size_t rows,
                        size_t columns) {
  size_t t = 0;
  for (; t + 3 <= steps; t += 3) all_rows<3>(x + t * columns, w, bias, out + t * rows, rows, columns);
  for (; t < steps; ++t) all_rows<1>(x + t * columns, w, bias, out + t * rows, rows, columns);
}

// exp(x) within 2 units in the last place: x = n·ln 2 + r, |r| ≤ ln 2 / 2, a polynomial for exp(r) (Cephes expf).
// x is clamped so that the result is a normal number.
LINNET_AVX2_INLINE __m256 exp8(__m256 x) {
  x = _mm256_max_ps(_mm256_min_ps(x, _mm256_set1_ps(88.0f)), _mm256_set1_ps(-87.0f));
  const __m256 n = _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(1.44269504088896341f)),
                                   _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693359375f), x);
  r = _mm256_fnmadd_ps(n, _mm256_set1_ps(-2.12194440e-4f), r);
  __m256 p = _mm256_set1_ps(1.9875691500e-4f);
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.3981999507e-3f));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(8.3334519073e-3f));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(4.1665795894e-2f));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.6666665459e-1f));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(5.0000001201e-1f));
  p = _mm256_add_ps(_mm256_fmadd_ps(p, _mm256_mul_ps(r, r), r), _mm256_set1_ps(1.0f));
  const __m256i exponent = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
  return _mm256_mul_ps(p, _mm256_castsi256_ps(exponent));
}

LINNET_AVX2_INLINE __m256 sigmoid8(__m256 x) {
  const __m256 one = _mm256_set1_ps(1.0f);
  return _mm256_div_ps(one, _mm256_add_ps(one, exp8(_mm256_sub_ps(_mm256_setzero_ps(), x))));
}

// 1 - 2 / (1 + exp(2x)); absolute error below 2⁻²³.
LINNET_AVX2_INLINE __m256 tanh8(__m256 x) {
  const __m256 one = _mm256_set1_ps(1.0f);
  return _mm256_sub_ps(one, _mm256_div_ps(_mm256_set1_ps(2.0f), _mm256_add_ps(one, exp8(_mm256_add_ps(x, x)))));
}

// Units [u, u + 8) of one step.
LINNET_AVX2_INLINE void update8(const float* i, const float* f, const float* g, const float* o, float* cell,
                                float* hidden) {
  const __m256 kept = _mm256_mul_ps(sigmoid8(_mm256_loadu_ps(f)), _mm256_loadu_ps(cell));
  const __m256 c = _mm256_fmadd_ps(sigmoid8(_mm256_loadu_ps(i)), tanh8(_mm256_loadu_ps(g)), kept);
  _mm256_storeu_ps(cell, c);
  _mm256_storeu_ps(hidden, _mm256_mul_ps(sigmoid8(_mm256_loadu_ps(o)), tanh8(c)));
}

// The last n < 8 units, through padded copies.
LINNET_AVX2_INLINE void update_tail(const float* i, const float* f, const float* g, const float* o, float* cell,
                                    float* hidden, size_t n) {
  float in[5][kLanes] = {};
  float out[kLanes];
  for (size_t u = 0; u < n; ++u) {
    in[0][u] = i[u];
    in[1][u] = f[u];
    in[2][u] = g[u];
    in[3][u] = o[u];
    in[4][u] = cell[u];
  }
  update8(in[0], in[1], in[2], in[3], in[4], out);
  for (size_t u = 0; u < n; ++u) {
    cell[u] = in[4][u];
    hidden[u] = out[u];
  }
}

LINNET_AVX2 void lstm(float* gates, const float* recurrent, float* hidden, float* cell, float* out, size_t steps,
                      size_t hidden_size) {
  const size_t n = hidden_size;
  for (size_t t = 0; t < steps; ++t) {
    float* pre = gates + t * 4 * n;
    // `bias` and `out` of the product are the same row: each element is read just before it is written.
    all_rows<1>(hidden, recurrent, pre, pre, 4 * n, n);
    size_t u = 0;
    for (; u + kLanes <= n; u += kLanes) {
      update8(pre + u, pre + n + u, pre + 2 * n + u, pre + 3 * n + u, cell + u, hidden + u);
    }
    if (u < n) {
      update_tail(pre + u, pre + n + u, pre + 2 * n + u, pre + 3 * n + u, cell + u, hidden + u, n - u);
    }
    for (u = 0; u < n; ++u) out[t * n + u] = hidden[u];
  }
}

LINNET_AVX2 void log_sum_exp(const float* x, float* out, size_t steps, size_t rows) {
  for (size_t t = 0; t < steps; ++t) {
    const float* row = x + t * rows;
    float largest = row[0];
    for (size_t r = 1; r < rows; ++r) largest = row[r] > largest ? row[r] : largest;
    const __m256 shift = _mm256_set1_ps(largest);
    __m256 sum = _mm256_setzero_ps();
    size_t r = 0;
    for (; r + kLanes <= rows; r += kLanes) {
      sum = _mm256_add_ps(sum, exp8(_mm256_sub_ps(_mm256_loadu_ps(row + r), shift)));
    }
    float total = sum_lanes(sum);
    for (; r < rows; ++r) total += std::exp(row[r] - largest);
    out[t] = largest + std::log(total);
  }
}

const FloatKernels kFloatAvx2 = {"avx2", matmul, lstm, log_sum_exp};

}  // namespace

const FloatKernels* float_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &kFloatAvx2 : nullptr;
}

}  // namespace linnet

#else

namespace linnet {

const FloatKernels* float_avx2() { return nullptr; }

}  // namespace linnet

#endif
