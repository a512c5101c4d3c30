#include "native/kernels/packed_pairs_dot.h"

namespace linnet {

#if defined(__ARM_FEATURE_DSP) && defined(__thumb2__)

// SMLAD with a word of two halfwords 256·a + b gives 256·A + B, and B comes of the same word's low bytes (SXTB16).
// Four columns take 14 instructions. A turn is eight such blocks; the first one starts where so many are left that the
// last one ends at its end.
//
// On the stack: x, turns, where to start, the end of sums, skip.
[[gnu::naked, gnu::noinline]] void pairs_dot(const int8_t*, const int16_t*, uint32_t, int32_t*, uint32_t, uint32_t,
                                             uint32_t) {
  asm volatile(
      "push {r4-r11, lr}\n"
      "ldr r6, [sp, #36]\n"  // groups
      "ldr r7, [sp, #40]\n"  // skip
      "add r6, r3, r6, lsl #4\n"
      "rsb r4, r2, #0\n"
      "and r4, r4, #7\n"
      "mov r5, #56\n"  // bytes of a block
      "mul r4, r4, r5\n"
      "adr.w r5, 1f + 1\n"
      "add r5, r5, r4\n"
      "add r4, r2, #7\n"
      "lsr r4, r4, #3\n"
      "push {r1, r4, r5, r6, r7}\n"
      "2:\n"
      "ldrd r1, r2, [sp]\n"
      "mov r4, #0\n"  // 256·A + B
      "mov r5, #0\n"  // B
      "mov r6, #0\n"  // 256·C + D
      "mov r7, #0\n"  // D
      "ldr pc, [sp, #8]\n"
      ".balign 4\n"
      "1:\n"
      ".rept 8\n"
      "ldrd r8, r9, [r1], #8\n"
      "ldmia.w r0!, {r10, r11, r12, lr}\n"
      "smlad r4, r10, r8, r4\n"
      "sxtb16 r10, r10\n"
      "smlad r6, r11, r8, r6\n"
      "sxtb16 r11, r11\n"
      "smlad r5, r10, r8, r5\n"
      "smlad r7, r11, r8, r7\n"
      "smlad r4, r12, r9, r4\n"
      "sxtb16 r12, r12\n"
      "smlad r6, lr, r9, r6\n"
      "sxtb16 lr, lr\n"
      "smlad r5, r12, r9, r5\n"
      "smlad r7, lr, r9, r7\n"
      ".endr\n"
      "subs r2, r2, #1\n"
      "bne.w 1b\n"
      "ldr r2, [sp, #64]\n"
      "cbz r2, 3f\n"  // no pair
      "ldr r8, [r1]\n"
      "ldrd r10, r11, [r0], #8\n"
      "smlad r4, r10, r8, r4\n"
      "sxtb16 r10, r10\n"
      "smlad r6, r11, r8, r6\n"
      "sxtb16 r11, r11\n"
      "smlad r5, r10, r8, r5\n"
      "smlad r7, r11, r8, r7\n"
      "3:\n"
      "sub r4, r4, r5\n"
      "sub r6, r6, r7\n"
      "asr r4, r4, #8\n"
      "asr r6, r6, #8\n"
      "stmia r3!, {r4-r7}\n"
      "ldrd r4, r5, [sp, #12]\n"
      "add r0, r0, r5\n"
      "cmp r3, r4\n"
      "bne.w 2b\n"
      "add sp, sp, #20\n"
      "pop {r4-r11, pc}\n");
}

// Two columns of two inputs take 12 instructions. On the stack: sums, the end of sums, skip, x, the end of x, where to
// start.
[[gnu::naked, gnu::noinline]] void pairs_dot_two(const int8_t*, const int16_t*, uint32_t, int32_t*, uint32_t,
                                                 uint32_t) {
  asm volatile(
      "push {r4-r11, lr}\n"
      "ldr r4, [sp, #36]\n"  // groups
      "ldr r5, [sp, #40]\n"  // skip
      "add r4, r3, r4, lsl #5\n"
      "add r7, r1, r2, lsl #3\n"
      "rsb r8, r2, #0\n"
      "and r8, r8, #7\n"
      "mov r9, #48\n"  // bytes of a block
      "mul r8, r8, r9\n"
      "adr.w r9, 1f + 1\n"
      "add r8, r8, r9\n"
      "mov r6, r1\n"
      "push {r3-r8}\n"
      "2:\n"
      "ldr r1, [sp, #12]\n"
      "mov r4, #0\n"
      "mov r5, #0\n"
      "mov r6, #0\n"
      "mov r7, #0\n"
      "mov r8, #0\n"
      "mov r9, #0\n"
      "mov r10, #0\n"
      "mov r11, #0\n"
      "ldr pc, [sp, #20]\n"
      ".balign 4\n"
      "1:\n"
      ".rept 8\n"
      "ldrd r2, r12, [r1], #8\n"
      "ldrd r3, lr, [r0], #8\n"
      "smlad r4, r3, r2, r4\n"
      "smlad r8, r3, r12, r8\n"
      "sxtb16 r3, r3\n"
      "smlad r6, lr, r2, r6\n"
      "smlad r10, lr, r12, r10\n"
      "sxtb16 lr, lr\n"
      "smlad r5, r3, r2, r5\n"
      "smlad r9, r3, r12, r9\n"
      "smlad r7, lr, r2, r7\n"
      "smlad r11, lr, r12, r11\n"
      ".endr\n"
      "ldr r3, [sp, #16]\n"
      "cmp r1, r3\n"
      "bne.w 1b\n"
      "sub r4, r4, r5\n"
      "sub r6, r6, r7\n"
      "sub r8, r8, r9\n"
      "sub r10, r10, r11\n"
      "asr r4, r4, #8\n"
      "asr r6, r6, #8\n"
      "asr r8, r8, #8\n"
      "asr r10, r10, #8\n"
      "ldr r3, [sp]\n"
      "stmia r3!, {r4-r11}\n"
      "str r3, [sp]\n"
      "ldrd r4, r5, [sp, #4]\n"
      "add r0, r0, r5\n"
      "cmp r3, r4\n"
      "bne.w 2b\n"
      "add sp, sp, #24\n"
      "pop {r4-r11, pc}\n");
}

uint32_t pairs_widen(const int8_t* x, uint32_t columns, int16_t* out, uint32_t step) {
  const uint32_t blocks = columns / 4;
  auto* to = reinterpret_cast<char*>(out);
  for (const int8_t* end = x + 4 * blocks; x != end; x += 4, to += 4 * step) {
    uint32_t even, odd, low, high;
    __builtin_memcpy(&even, x, 4);
    asm("sxtb16 %1, %0, ror #8\n"
        "sxtb16 %0, %0\n"
        "pkhbt %2, %0, %1, lsl #16\n"
        "pkhtb %3, %1, %0, asr #16\n"
        : "+r"(even), "=&r"(odd), "=&r"(low), "=r"(high));
    __builtin_memcpy(__builtin_assume_aligned(to, 4), &low, 4);
    __builtin_memcpy(__builtin_assume_aligned(to + 2 * step, 4), &high, 4);
  }
  return blocks * 4;
}

#else

namespace {

uint32_t word_at(const void* from) {
  uint32_t word;
  __builtin_memcpy(&word, from, 4);
  return word;
}

// The instructions of those names, on words of two halfwords.
uint32_t smlad(uint32_t a, uint32_t b, uint32_t sum) {
  const int32_t low = static_cast<int16_t>(a) * static_cast<int16_t>(b);
  const int32_t high = static_cast<int16_t>(a >> 16) * static_cast<int16_t>(b >> 16);
  return sum + static_cast<uint32_t>(low) + static_cast<uint32_t>(high);
}
uint32_t sxtb16(uint32_t a) {
  const auto low = static_cast<uint16_t>(static_cast<int8_t>(a));
  const auto high = static_cast<uint16_t>(static_cast<int8_t>(a >> 16));
  return low | static_cast<uint32_t>(high) << 16;
}

// Rows a and b of one column pair.
struct Sums {
  uint32_t both = 0, low = 0;
  void add(uint32_t pair, uint32_t x) {
    both = smlad(pair, x, both);
    low = smlad(sxtb16(pair), x, low);
  }
  void store(int32_t* sums) const {
    sums[0] = static_cast<int32_t>(both - low) >> 8;
    sums[1] = static_cast<int32_t>(low);
  }
};

}  // namespace

void pairs_dot(const int8_t* group, const int16_t* x, uint32_t blocks, int32_t* sums, uint32_t groups, uint32_t skip,
               uint32_t pair) {
  for (; groups > 0; groups--, group += skip, sums += 4) {
    Sums ab, cd;
    for (uint32_t i = 0; i < 2 * blocks + (pair != 0 ? 1 : 0); i++, group += 8) {
      ab.add(word_at(group), word_at(x + 2 * i));
      cd.add(word_at(group + 4), word_at(x + 2 * i));
    }
    ab.store(sums);
    cd.store(sums + 2);
  }
}

void pairs_dot_two(const int8_t* group, const int16_t* x, uint32_t blocks, int32_t* sums, uint32_t groups,
                   uint32_t skip) {
  for (; groups > 0; groups--, group += skip, sums += 8) {
    Sums ab[2], cd[2];
    for (uint32_t i = 0; i < blocks; i++, group += 8)
      for (uint32_t input = 0; input < 2; input++) {
        ab[input].add(word_at(group), word_at(x + 4 * i + 2 * input));
        cd[input].add(word_at(group + 4), word_at(x + 4 * i + 2 * input));
      }
    for (uint32_t input = 0; input < 2; input++) {
      ab[input].store(sums + 4 * input);
      cd[input].store(sums + 4 * input + 2);
    }
  }
}

uint32_t pairs_widen(const int8_t*, uint32_t, int16_t*, uint32_t) { return 0; }

#endif

}  // namespace linnet
