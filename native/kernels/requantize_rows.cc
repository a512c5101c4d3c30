#include "native/kernels/requantize_rows.h"

#include "native/engine/fixed_point.h"

namespace linnet {
namespace {

// Whether all shifts are 33 at least: 33 + 31 = 64, and the largest, 62 + 31, stays below 128.
bool all_upper(const uint8_t* shift, uint32_t count) {
  uint32_t all = 0x40404040, i = 0;
  for (; i + 4 <= count; i += 4) {
    uint32_t four;
    __builtin_memcpy(&four, shift + i, 4);
    all &= four + 0x1f1f1f1f;
  }
  for (; i < count; i++) all &= (shift[i] + 31u) * 0x01010101;
  return all == 0x40404040;
}

#if defined(__thumb2__)

// Four rows at a time, all of whose shifts are 33 at least: the upper word of the product, shifted; the bit that falls
// out last rounds.
[[gnu::naked, gnu::noinline]] void requantize_fours(int32_t*, const int32_t*, const int32_t*, const uint8_t*,
                                                    uint32_t) {
  asm volatile(
      "push {r4-r11, lr}\n"
      "ldr r12, [sp, #36]\n"
      "1:\n"
      "ldmia r0, {r4-r7}\n"
      "cbz r1, 2f\n"
      "ldmia r1!, {r8-r11}\n"
      "add r4, r4, r8\n"
      "add r5, r5, r9\n"
      "add r6, r6, r10\n"
      "add r7, r7, r11\n"
      "2:\n"
      "ldmia r2!, {r8-r11}\n"
      "ldr lr, [r3], #4\n"
      "sub lr, lr, #0x20202020\n"
      "smull r8, r4, r8, r4\n"
      "smull r9, r5, r9, r5\n"
      "smull r10, r6, r10, r6\n"
      "smull r11, r7, r11, r7\n"
      "asrs r4, r4, lr\n"  // by the lowest byte
      "adc r4, r4, #0\n"
      "lsr lr, lr, #8\n"
      "asrs r5, r5, lr\n"
      "adc r5, r5, #0\n"
      "lsr lr, lr, #8\n"
      "asrs r6, r6, lr\n"
      "adc r6, r6, #0\n"
      "lsr lr, lr, #8\n"
      "asrs r7, r7, lr\n"
      "adc r7, r7, #0\n"
      "stmia r0!, {r4-r7}\n"
      "subs r12, r12, #1\n"
      "bne 1b\n"
      "pop {r4-r11, pc}\n");
}

#endif

}  // namespace

bool requantize_rows(int32_t* sums, const int32_t* bias, const int32_t* multiplier, const uint8_t* shift,
                     uint32_t count) {
  const bool upper = all_upper(shift, count);
  uint32_t done = 0;
#if defined(__thumb2__)
  if (upper && count >= 4) {
    requantize_fours(sums, bias, multiplier, shift, count / 4);
    done = count & ~3u;
  }
#endif
  for (uint32_t i = done; i < count; i++)
    sums[i] = requantize(bias == nullptr ? sums[i] : sums[i] + bias[i], multiplier[i], shift[i]);
  return upper;
}

}  // namespace linnet
