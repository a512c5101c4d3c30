// Firmware: one table, fixed at build time.
#include "linnet/digest.h"
#include "native/kernels/variants.h"

namespace linnet {

const Kernels& kernels() {
  static constexpr Kernels table = LINNET_KERNELS(reference, crc32);
  return table;
}

}  // namespace linnet
