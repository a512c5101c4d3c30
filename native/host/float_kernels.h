// The variants behind float_matmul.h. Same contracts; float_matmul.cc chooses one.
#pragma once

#include <cstddef>

namespace linnet {

struct FloatKernels {
  const char* name;
  void (*matmul)(const float* x, const float* w, const float* bias, float* out, size_t steps, size_t rows,
                 size_t columns);
  void (*lstm)(float* gates, const float* recurrent, float* hidden, float* cell, float* out, size_t steps,
               size_t hidden_size);
  void (*log_sum_exp)(const float* x, float* out, size_t steps, size_t rows);
};

extern const FloatKernels kFloatPortable;

// Null where the compiler has no AVX2 or this CPU does not run AVX2 and FMA.
const FloatKernels* float_avx2();

}  // namespace linnet
