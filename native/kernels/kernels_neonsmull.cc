// The neonsmull variants, with smull, which every AArch64 CPU has: the code is in the .inc files. sum_exp and the
// narrowing are the reference's: compilers make vector loops of them.
#if defined(__aarch64__)

#include <cstring>

#include "native/kernels/neon.h"
#include "native/kernels/variants.h"

#define LINNET_TIER neonsmull
#define LINNET_TARGET
#define LINNET_DENSE dense_i8_neonsmull
#define LINNET_DENSE_MANY dense_many_i8_neonsmull
#define LINNET_LSTM lstm_step_i8_neonsmull
#define LINNET_LSTM_RECUR lstm_recur_i8_neonsmull
#include "native/kernels/dense_i8_packed.inc"
#include "native/kernels/lstm_cells_neon.inc"
#include "native/kernels/lstm_i8_packed.inc"

#endif
