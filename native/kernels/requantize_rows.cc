#include "native/kernels/requantize_rows.h"

#include "native/engine/fixed_point.h"

#if defined(__ARM_FEATURE_MVE)
#include <arm_mve.h>
#endif

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

#if defined(__ARM_FEATURE_MVE)

// Four rows at a time, all of whose shifts are 33 at least: the upper words of the products, shifted with rounding.
void requantize_fours(int32_t* sums, const int32_t* bias, const int32_t* multiplier, const uint8_t* shift,
                      uint32_t fours) {
  for (; fours > 0; fours--, sums += 4, multiplier += 4, shift += 4) {
    int32x4_t v = vldrwq_s32(sums);
    if (bias != nullptr) {
      v = vaddq_s32(v, vldrwq_s32(bias));
      bias += 4;
    }
    const int32x4_t left = vsubq_s32(vdupq_n_s32(32), vreinterpretq_s32_u32(vldrbq_u32(shift)));
    vstrwq_s32(sums, vrshlq_s32(vmulhq_s32(v, vldrwq_s32(multiplier)), left));
  }
}

#else

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

#elif defined(__thumb__)

// A row at a time, all of whose shifts are 33 at least, with a bias: upper_product(), then as above.
[[gnu::naked, gnu::noinline]] void requantize_biased(int32_t*, const int32_t*, const int32_t*, const uint8_t*,
                                                     const int32_t*) {
  asm volatile(
      ".syntax unified\n"
      "push {r4-r7, lr}\n"
      "mov r4, r8\n"
      "mov r5, r9\n"
      "push {r4, r5}\n"
      "ldr r4, [sp, #28]\n"
      "mov r8, r4\n"  // the end of sums
      "1:\n"
      "ldr r4, [r0]\n"
      "ldmia r1!, {r5}\n"
      "adds r4, r4, r5\n"
      "ldmia r2!, {r5}\n"
      "uxth r6, r5\n"
      "asrs r5, r5, #16\n"
      "uxth r7, r4\n"
      "asrs r4, r4, #16\n"
      "mov r12, r6\n"
      "muls r6, r7, r6\n"
      "lsrs r6, r6, #16\n"
      "muls r7, r5, r7\n"
      "muls r5, r4, r5\n"
      "mov r9, r7\n"
      "mov r7, r12\n"
      "muls r4, r7, r4\n"
      "adds r4, r4, r6\n"
      "uxth r6, r4\n"
      "add r6, r9\n"
      "asrs r4, r4, #16\n"
      "asrs r6, r6, #16\n"
      "adds r5, r5, r4\n"
      "adds r5, r5, r6\n"
      "ldrb r4, [r3]\n"
      "adds r3, #1\n"
      "subs r4, #32\n"
      "asrs r5, r4\n"
      "movs r4, #0\n"
      "adcs r5, r4\n"
      "stmia r0!, {r5}\n"
      "cmp r0, r8\n"
      "bne 1b\n"
      "pop {r4, r5}\n"
      "mov r8, r4\n"
      "mov r9, r5\n"
      "pop {r4-r7, pc}\n");
}

bool all_upper(const uint8_t* shift, uint32_t count) {
  int32_t beyond = 0;
  for (const uint8_t* end = shift + count; shift != end; shift++) beyond |= *shift - 33;
  return beyond >= 0;
}

#endif

template <bool kBias>
bool requantize_each(int32_t* sums, const int32_t* bias, const int32_t* multiplier, const uint8_t* shift,
                     uint32_t count) {
  int32_t beyond = 0;
#if defined(__riscv)
#pragma GCC unroll 4
#endif
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
#elif defined(__thumb__)
  if (bias != nullptr && count != 0 && all_upper(shift, count)) {
    requantize_biased(sums, bias, multiplier, shift, sums + count);
    return true;
  }
#endif
  return bias == nullptr ? requantize_each<false>(sums, bias, multiplier, shift, count)
                         : requantize_each<true>(sums, bias, multiplier, shift, count);
}

}  // namespace linnet
