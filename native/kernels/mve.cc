// For Cortex-M with the integers of MVE (Helium), such as the M55: four row-major rows at a time, 16 columns each.
#include "native/kernels/row_blocks.h"
#include "native/kernels/variants.h"

#if defined(__ARM_FEATURE_MVE)
#include <arm_mve.h>
#endif

namespace linnet {
namespace {

struct Mve {
  static constexpr uint32_t kEach = 1;

#if defined(__ARM_FEATURE_MVE)
  static void dot(const int8_t* first, uint32_t, uint32_t far, const int8_t* x, uint32_t columns, int32_t* sums) {
    const int8_t *b = first + far, *c = b + far, *d = c + far;
    int32_t sum_a = 0, sum_b = 0, sum_c = 0, sum_d = 0;
    // The last columns of a row are loaded under a predicate, and with them nothing past its end.
    asm volatile(
        "dlstp.8 lr, %[columns]\n"
        "1:\n"
        "vldrb.8 q0, [%[x]], #16\n"
        "vldrb.8 q1, [%[a]], #16\n"
        "vmladava.s8 %[sum_a], q0, q1\n"
        "vldrb.8 q2, [%[b]], #16\n"
        "vmladava.s8 %[sum_b], q0, q2\n"
        "vldrb.8 q3, [%[c]], #16\n"
        "vmladava.s8 %[sum_c], q0, q3\n"
        "vldrb.8 q1, [%[d]], #16\n"
        "vmladava.s8 %[sum_d], q0, q1\n"
        "letp lr, 1b\n"
        : [x] "+r"(x), [a] "+r"(first), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d), [sum_a] "+Te"(sum_a),
          [sum_b] "+Te"(sum_b), [sum_c] "+Te"(sum_c), [sum_d] "+Te"(sum_d)
        : [columns] "r"(columns)
        : "lr", "q0", "q1", "q2", "q3", "memory");
    sums[0] = sum_a;
    sums[1] = sum_b;
    sums[2] = sum_c;
    sums[3] = sum_d;
  }
#else
  static void dot(const int8_t* first, uint32_t, uint32_t far, const int8_t* x, uint32_t columns, int32_t* sums) {
    for (uint32_t i = 0; i < 4; i++) {
      sums[i] = 0;
      for (uint32_t k = 0; k < columns; k++) sums[i] += first[i * far + k] * x[k];
    }
  }
#endif
};

}  // namespace

const Kernels& mve_kernels() {
  static constexpr Kernels table = {"mve", row_blocks::dense_i8<Mve>, row_blocks::lstm_step_i8<Mve>};
  return table;
}

}  // namespace linnet
