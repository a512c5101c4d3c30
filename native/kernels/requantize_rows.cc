#include "native/kernels/requantize_rows.h"

#include "native/engine/fixed_point.h"

namespace linnet {
namespace {

#if defined(__thumb2__)

// Whether all shifts are 33 at least: 33 + 31 = 64, and the largest, 62 + 31, stays below 128.
bool all_upper(const uint8_t* shift, uint32_t fours) {
  uint32_t all = 0x40404040;
  for (const uint8_t* end = shift + 4 * fours; shift != end; shift += 4) {
    uint32_t four;
    __builtin_memcpy(&four, shift, 4);
    all &= four + 0x1f1f1f1f;
  }
  return all == 0x40404040;
}

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

template <bool kBias>
bool requantize_each(int32_t* sums, const int32_t* bias, const int32_t* multiplier, const uint8_t* shift,
                     uint32_t count) {
  int32_t beyond = 0;
  for (const int32_t* end = sums + count; sums != end; sums++) {
    const int32_t s = *shift++;
    beyond |= s - 33;
    *sums = requantize(kBias ? *sums + *bias++ : *sums, *multiplier++, static_cast<unsigned>(s));
  }
  return beyond >= 0;
}

}  // namespace

bool requantize_rows(int32_t* sums, const int32_t* bias, const int32_t* multiplier, const uint8_t* shift,
                     uint32_t count) {
#if defined(__thumb2__)
  if (count >= 4 && all_upper(shift, count / 4)) {
    requantize_fours(sums, bias, multiplier, shift, count / 4);
    const uint32_t done = count & ~3u;
    if (done == count) return true;
    return requantize_rows(sums + done, bias == nullptr ? nullptr : bias + done, multiplier + done, shift + done,
                           count - done);
  }
#endif
  return bias == nullptr ? requantize_each<false>(sums, bias, multiplier, shift, count)
                         : requantize_each<true>(sums, bias, multiplier, shift, count);
}

}  // namespace linnet
