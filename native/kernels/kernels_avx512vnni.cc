// The avx512vnni variants: the code is in the .inc files.
#if defined(__x86_64__)

#include <cstring>

#include "native/kernels/avx512vnni.h"
#include "native/kernels/variants.h"

#define LINNET_TIER avx512vnni
#define LINNET_TARGET __attribute__((target("avx2,avx512f,avx512bw,avx512vl,avx512vnni")))
#define LINNET_DENSE dense_i8_avx512vnni
#define LINNET_DENSE_MANY dense_many_i8_avx512vnni
#define LINNET_LSTM lstm_step_i8_avx512vnni
#define LINNET_LSTM_RECUR lstm_recur_i8_avx512vnni
#define LINNET_SUM_EXP sum_exp_avx512vnni
#define LINNET_FIRST_ABOVE first_above_avx512vnni
#define LINNET_NARROW_I8 narrow_i8_avx512vnni
#define LINNET_NARROW_I16 narrow_i16_avx512vnni
#include "native/kernels/dense_i8_packed.inc"
#include "native/kernels/elementwise_x86.inc"
#include "native/kernels/lstm_cells_avx512vnni.inc"
#include "native/kernels/lstm_i8_packed.inc"

#endif
