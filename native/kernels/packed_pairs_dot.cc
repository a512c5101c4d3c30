#include "native/kernels/packed_pairs_dot.h"

#include <cstring>

namespace linnet {

#if defined(__ARM_FEATURE_DSP) && defined(__thumb2__)

// SMLAD with a word of two halfwords 256·a + b gives 256·A + B, and B comes of the same word's low bytes (SXTB16).
// Four columns take 14 instructions; a turn is eight such blocks, and the first one starts in its middle.
[[gnu::naked, gnu::noinline]] void pairs_dot(const int8_t*, const int16_t*, uint32_t, int32_t*) {
  asm volatile(
      "push {r3-r11, lr}\n"
      "rsb r3, r2, #0\n"
      "and r3, r3, #7\n"
      "mov r4, #56\n"  // bytes of a block
      "adr.w r5, 1f\n"
      "mla r3, r3, r4, r5\n"
      "add r2, r2, #7\n"
      "lsr r2, r2, #3\n"
      "mov r4, #0\n"  // 256·A + B
      "mov r5, #0\n"  // B
      "mov r6, #0\n"  // 256·C + D
      "mov r7, #0\n"  // D
      "mov pc, r3\n"
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
      "sub r4, r4, r5\n"
      "sub r6, r6, r7\n"
      "asr r4, r4, #8\n"
      "asr r6, r6, #8\n"
      "ldr r3, [sp]\n"
      "stmia r3, {r4-r7}\n"
      "pop {r3-r11, pc}\n");
}

// Two columns of two inputs take 12 instructions.
[[gnu::naked, gnu::noinline]] void pairs_dot_two(const int8_t*, const int16_t*, uint32_t, int32_t*) {
  asm volatile(
      "push {r3-r11, lr}\n"
      "sub sp, sp, #8\n"
      "add r3, r1, r2, lsl #3\n"
      "str r3, [sp]\n"  // where x ends
      "rsb r3, r2, #0\n"
      "and r3, r3, #7\n"
      "mov r4, #48\n"
      "adr.w r5, 1f\n"
      "mla r3, r3, r4, r5\n"
      "mov r4, #0\n"
      "mov r5, #0\n"
      "mov r6, #0\n"
      "mov r7, #0\n"
      "mov r8, #0\n"
      "mov r9, #0\n"
      "mov r10, #0\n"
      "mov r11, #0\n"
      "mov pc, r3\n"
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
      "ldr r3, [sp]\n"
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
      "add sp, sp, #8\n"
      "ldr r3, [sp]\n"
      "stmia r3, {r4-r11}\n"
      "pop {r3-r11, pc}\n");
}

uint32_t pairs_widen(const int8_t* x, uint32_t columns, int16_t* out) {
  const uint32_t blocks = columns / 4;
  for (uint32_t i = 0; i < blocks; i++, x += 4, out += 4) {
    uint32_t even, odd, low, high;
    std::memcpy(&even, x, 4);
    asm("sxtb16 %1, %0, ror #8\n"
        "sxtb16 %0, %0\n"
        "pkhbt %2, %0, %1, lsl #16\n"
        "pkhtb %3, %1, %0, asr #16\n"
        : "+r"(even), "=&r"(odd), "=&r"(low), "=r"(high));
    std::memcpy(__builtin_assume_aligned(out, 4), &low, 4);
    std::memcpy(__builtin_assume_aligned(out + 2, 4), &high, 4);
  }
  return blocks * 4;
}

#else

namespace {

uint32_t word_at(const void* from) {
  uint32_t word;
  std::memcpy(&word, from, 4);
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

void pairs_dot(const int8_t* group, const int16_t* x, uint32_t blocks, int32_t* sums) {
  Sums ab, cd;
  for (uint32_t i = 0; i < 2 * blocks; i++, group += 8, x += 2) {
    ab.add(word_at(group), word_at(x));
    cd.add(word_at(group + 4), word_at(x));
  }
  ab.store(sums);
  cd.store(sums + 2);
}

void pairs_dot_two(const int8_t* group, const int16_t* x, uint32_t blocks, int32_t* sums) {
  Sums ab[2], cd[2];
  for (uint32_t i = 0; i < blocks; i++, group += 8, x += 4)
    for (uint32_t input = 0; input < 2; input++) {
      ab[input].add(word_at(group), word_at(x + 2 * input));
      cd[input].add(word_at(group + 4), word_at(x + 2 * input));
    }
  for (uint32_t input = 0; input < 2; input++) {
    ab[input].store(sums + 4 * input);
    cd[input].store(sums + 4 * input + 2);
  }
}

uint32_t pairs_widen(const int8_t*, uint32_t, int16_t*) { return 0; }

#endif

}  // namespace linnet
