// The avx512vnni variant of dense_i8; the code is in dense_i8_x86.inc.
#if defined(__x86_64__)

#include <cstring>

#include "native/kernels/avx512vnni.h"
#include "native/kernels/variants.h"

#define LINNET_TIER avx512vnni
#define LINNET_TARGET LINNET_AVX512VNNI
#define LINNET_DENSE dense_i8_avx512vnni
#include "native/kernels/dense_i8_x86.inc"

#endif
