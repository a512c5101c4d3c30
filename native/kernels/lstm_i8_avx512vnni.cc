// The avx512vnni variant of lstm_step_i8; the code is in lstm_i8_x86.inc.
#if defined(__x86_64__)

#include "native/engine/fixed_point.h"
#include "native/kernels/avx512vnni.h"
#include "native/kernels/variants.h"

#define LINNET_TIER avx512vnni
#define LINNET_TARGET LINNET_AVX512VNNI
#define LINNET_LSTM lstm_step_i8_avx512vnni
#include "native/kernels/lstm_i8_x86.inc"

#endif
