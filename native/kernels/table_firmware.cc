// Firmware: one table, fixed at build time.
#include "native/kernels/variants.h"

namespace linnet {

const Kernels& kernels() {
  static constexpr Kernels table = LINNET_KERNELS(reference);
  return table;
}

}  // namespace linnet
