// Firmware: one table, fixed at build time.
#include "native/kernels/variants.h"

namespace linnet {

const Kernels& kernels() {
  static constexpr Kernels table = {"reference", dense_i8_reference, dense_many_i8_reference, lstm_step_i8_reference,
                                    sum_exp_reference};
  return table;
}

}  // namespace linnet
