// The avxvnni kernels once more, with the encoding of vpdpbusd that CPUs with AVX-512 have. As the table has them, they
// would never be chosen there: avx512vnni is faster.
#if defined(__x86_64__)

#include <cstring>

#include "native/kernels/variants.h"
#include "native/test/host_variants.h"

#define LINNET_AVXVNNI_TARGET "avx2,avx512vl,avx512vnni"
#define LINNET_DPBUSD _mm256_dpbusd_epi32
#include "native/kernels/avxvnni.h"

#define LINNET_TIER avxvnni
#define LINNET_TARGET __attribute__((target(LINNET_AVXVNNI_TARGET)))
#define LINNET_DENSE dense_i8_avxvnni_evex
#define LINNET_DENSE_MANY dense_many_i8_avxvnni_evex
#define LINNET_LSTM lstm_step_i8_avxvnni_evex
#define LINNET_LSTM_RECUR lstm_recur_i8_avxvnni_evex
#include "native/kernels/dense_i8_packed.inc"
#include "native/kernels/lstm_cells_avx2.inc"
#include "native/kernels/lstm_i8_packed.inc"

namespace linnet::test {

const Kernels& avxvnni_evex_kernels() {
  static constexpr Kernels avx2 = LINNET_KERNELS(avx2, crc32_pclmul);
  static constexpr Kernels instance =
      based_on(avx2, "avxvnni (EVEX)", dense_i8_avxvnni_evex, dense_many_i8_avxvnni_evex, lstm_step_i8_avxvnni_evex,
               lstm_recur_i8_avxvnni_evex);
  return instance;
}

}  // namespace linnet::test

#endif
