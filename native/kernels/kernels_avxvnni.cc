// The avxvnni variants: the code is in the .inc files. sum_exp and the narrowing are avx2's.
#include "native/kernels/variants.h"

#ifdef LINNET_COMPILES_AVXVNNI

#include <cstring>

#define LINNET_AVXVNNI_TARGET "avx2,avxvnni"
#define LINNET_DPBUSD _mm256_dpbusd_avx_epi32
#include "native/kernels/avxvnni.h"

#define LINNET_TIER avxvnni
#define LINNET_TARGET __attribute__((target(LINNET_AVXVNNI_TARGET)))
#define LINNET_DENSE dense_i8_avxvnni
#define LINNET_DENSE_MANY dense_many_i8_avxvnni
#define LINNET_LSTM lstm_step_i8_avxvnni
#define LINNET_LSTM_RECUR lstm_recur_i8_avxvnni
#include "native/kernels/dense_i8_packed.inc"
#include "native/kernels/lstm_cells_avx2.inc"
#include "native/kernels/lstm_i8_packed.inc"

#endif
