// THE dispatch point of firmware: one table, fixed at build time by what board.json and mcu.cmake say.
#include "native/kernels/variants.h"

namespace linnet {

const Kernels& kernels() {
#if defined(LINNET_KERNELS_PACKED_PAIRS)
  return packed_pairs_kernels();
#elif defined(LINNET_KERNELS_PACKED_QUADS)
  return packed_quads_kernels();
#elif defined(LINNET_KERNELS_RV32)
  return rv32_kernels();
#elif defined(LINNET_KERNELS_MVE)
  return mve_kernels();
#else
  return kReference;
#endif
}

}  // namespace linnet
