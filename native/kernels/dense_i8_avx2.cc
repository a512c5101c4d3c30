// The avx2 variant of dense_i8; the code is in dense_i8_x86.inc.
#if defined(__x86_64__)

#include <cstring>

#include "native/kernels/avx2.h"
#include "native/kernels/variants.h"

#define LINNET_TIER avx2
#define LINNET_TARGET LINNET_AVX2
#define LINNET_DENSE dense_i8_avx2
#include "native/kernels/dense_i8_x86.inc"

#endif
