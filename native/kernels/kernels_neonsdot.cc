// The neonsdot variants, with sdot (Armv8.2 and later): the code is in the .inc files. sum_exp and the narrowing are
// the reference's: compilers make vector loops of them.
#if defined(__aarch64__)

#include <cstring>

#include "native/kernels/neon.h"
#include "native/kernels/variants.h"

#define LINNET_TIER neonsdot
#define LINNET_TARGET __attribute__((target("arch=armv8.2-a+dotprod")))
#define LINNET_DENSE dense_i8_neonsdot
#define LINNET_DENSE_MANY dense_many_i8_neonsdot
#define LINNET_LSTM lstm_step_i8_neonsdot
#define LINNET_LSTM_RECUR lstm_recur_i8_neonsdot
#include "native/kernels/dense_i8_packed.inc"
#include "native/kernels/lstm_cells_neon.inc"
#include "native/kernels/lstm_i8_packed.inc"

#endif
