// For Cortex-M with the integers of MVE (Helium), such as the M55: four row-major rows at a time, 16 columns each.
#include "native/kernels/row_blocks.h"
#include "native/kernels/variants.h"

#if defined(__ARM_FEATURE_MVE)
#include <arm_mve.h>
#endif

namespace linnet {
namespace {

struct Mve {
  static constexpr uint32_t kRows = 4, kUnits = 1;

  // Sums of the rows at `first` and one, two and three times `far` bytes from it.
  static void dot4(const int8_t* first, uint32_t far, const int8_t* x, uint32_t columns, int32_t* a, int32_t* b,
                   int32_t* c, int32_t* d) {
#if defined(__ARM_FEATURE_MVE)
    const int8_t *second = first + far, *third = second + far, *fourth = third + far;
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
        : [x] "+r"(x), [a] "+r"(first), [b] "+r"(second), [c] "+r"(third), [d] "+r"(fourth), [sum_a] "+Te"(sum_a),
          [sum_b] "+Te"(sum_b), [sum_c] "+Te"(sum_c), [sum_d] "+Te"(sum_d)
        : [columns] "r"(columns)
        : "lr", "q0", "q1", "q2", "q3", "memory");
    *a = sum_a;
    *b = sum_b;
    *c = sum_c;
    *d = sum_d;
#else
    *a = row_blocks::dot(first, x, columns);
    *b = row_blocks::dot(first + far, x, columns);
    *c = row_blocks::dot(first + 2 * far, x, columns);
    *d = row_blocks::dot(first + 3 * far, x, columns);
#endif
  }

  static void dot(const int8_t* first, uint32_t blocks, const int8_t* x, uint32_t columns, int32_t* sums) {
    for (const int32_t* end = sums + 4 * blocks; sums != end; sums += 4, first += 4 * columns)
      dot4(first, columns, x, columns, sums, sums + 1, sums + 2, sums + 3);
  }

  static void dot_gates(const int8_t* first, uint32_t far, const int8_t* x, uint32_t columns, int32_t* terms) {
    dot4(first, far, x, columns, terms, terms + kBlockUnits, terms + 2 * kBlockUnits, terms + 3 * kBlockUnits);
  }
};

#if defined(__ARM_FEATURE_MVE)
// How many of the first values were clamped.
template <typename Store>
uint32_t narrow(const int32_t* v, uint32_t count, int32_t low, int32_t high, const Store& store) {
  const int32x4_t lowest = vdupq_n_s32(low), highest = vdupq_n_s32(high);
  uint32_t i = 0;
  for (; i + 4 <= count; i += 4) store(i, vminq_s32(vmaxq_s32(vldrwq_s32(v + i), lowest), highest));
  return i;
}

void narrow_i8(const int32_t* v, uint32_t count, int32_t low, int8_t* out) {
  const uint32_t done = narrow(v, count, low, 127, [out](uint32_t i, int32x4_t x) { vstrbq_s32(out + i, x); });
  narrow_i8_reference(v + done, count - done, low, out + done);
}

void narrow_i16(const int32_t* v, uint32_t count, int32_t low, int16_t* out) {
  const uint32_t done = narrow(v, count, low, 32767, [out](uint32_t i, int32x4_t x) { vstrhq_s32(out + i, x); });
  narrow_i16_reference(v + done, count - done, low, out + done);
}
#else
constexpr auto narrow_i8 = narrow_i8_reference;
constexpr auto narrow_i16 = narrow_i16_reference;
#endif

constexpr Kernels table() {
  Kernels k = based_on(kReference, "mve", row_blocks::dense_i8<Mve>, row_blocks::dense_many_i8<Mve>,
                       row_blocks::lstm_step_i8<Mve>, lstm_recur_i8_reference);
  k.narrow_i8 = narrow_i8;
  k.narrow_i16 = narrow_i16;
  return k;
}

}  // namespace

const Kernels& mve_kernels() {
  static constexpr Kernels instance = table();
  return instance;
}

}  // namespace linnet
