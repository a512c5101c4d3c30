#include "native/kernels/packed_quads_dot.h"

namespace linnet {

// Sums of the words and of their upper 24, 16 and 8 bits are made, modulo 2^32, and then those of each row alone.
//
// Both assemblies are turns of eight blocks; the first one starts where so many are left that the last one ends at its
// end.
#if defined(__thumb2__)

// Two columns take 16 instructions. On the stack: x, turns, where to start, the end of sums, skip.
[[gnu::naked, gnu::noinline]] void quads_dot(const int8_t*, const int32_t*, uint32_t, int32_t*, uint32_t, uint32_t,
                                             int32_t) {
  asm volatile(
      "push {r4-r11, lr}\n"
      "ldr r6, [sp, #36]\n"  // groups
      "ldr r7, [sp, #40]\n"  // skip
      "add r6, r3, r6, lsl #4\n"
      "rsb r4, r2, #0\n"
      "and r4, r4, #7\n"
      "mov r5, #64\n"  // bytes of a block
      "mul r4, r4, r5\n"
      "adr.w r5, 1f + 1\n"
      "add r5, r5, r4\n"
      "add r4, r2, #7\n"
      "lsr r4, r4, #3\n"
      "push {r1, r4, r5, r6, r7}\n"
      "2:\n"
      "ldrd r1, r2, [sp]\n"
      "mov r4, #0\n"
      "mov r5, #0\n"
      "mov r6, #0\n"
      "mov r7, #0\n"
      "ldr pc, [sp, #8]\n"
      ".balign 4\n"
      "1:\n"
      ".rept 8\n"
      "ldrd r8, r9, [r1], #8\n"
      "ldrd r10, r11, [r0], #8\n"
      "asr.w r12, r10, #24\n"
      "asr.w lr, r10, #16\n"
      "mla r4, r12, r8, r4\n"
      "asr.w r12, r10, #8\n"
      "mla r5, lr, r8, r5\n"
      "mla r6, r12, r8, r6\n"
      "mla r7, r10, r8, r7\n"
      "asr.w r12, r11, #24\n"
      "asr.w lr, r11, #16\n"
      "mla r4, r12, r9, r4\n"
      "asr.w r12, r11, #8\n"
      "mla r5, lr, r9, r5\n"
      "mla r6, r12, r9, r6\n"
      "mla r7, r11, r9, r7\n"
      ".endr\n"
      "subs r2, r2, #1\n"
      "bne.w 1b\n"
      "ldr r8, [sp, #64]\n"  // bias
      "sub r7, r7, r6, lsl #8\n"
      "sub r6, r6, r5, lsl #8\n"
      "sub r5, r5, r4, lsl #8\n"
      "sub r7, r7, r8\n"
      "sub r6, r6, r8\n"
      "sub r5, r5, r8\n"
      "stmia r3!, {r4-r7}\n"
      "ldrd r4, r5, [sp, #12]\n"
      "add r0, r0, r5\n"
      "cmp r3, r4\n"
      "bne.w 2b\n"
      "add sp, sp, #20\n"
      "pop {r4-r11, pc}\n");
}

#elif defined(__thumb__)

// Two columns take 24 instructions. The sums are in high registers, which can be added to but not multiplied with.
// r12: the end of x; lr: where to start; on the stack: sums, the end of sums, skip, x.
[[gnu::naked, gnu::noinline]] void quads_dot(const int8_t*, const int32_t*, uint32_t, int32_t*, uint32_t, uint32_t,
                                             int32_t) {
  asm volatile(
      ".syntax unified\n"
      "push {r4-r7, lr}\n"
      "mov r4, r8\n"
      "mov r5, r9\n"
      "mov r6, r10\n"
      "mov r7, r11\n"
      "push {r4-r7}\n"
      "lsls r4, r2, #3\n"
      "adds r4, r1, r4\n"
      "mov r12, r4\n"
      "negs r4, r2\n"
      "movs r5, #7\n"
      "ands r4, r5\n"
      "movs r5, #48\n"  // bytes of a block
      "muls r4, r5, r4\n"
      "adr r5, 1f\n"
      "adds r4, r4, r5\n"
      "mov lr, r4\n"
      "ldr r4, [sp, #36]\n"  // groups
      "lsls r4, r4, #4\n"
      "adds r4, r3, r4\n"
      "ldr r5, [sp, #40]\n"  // skip
      "mov r6, r1\n"
      "push {r3-r6}\n"
      "2:\n"
      "ldr r1, [sp, #12]\n"
      "movs r2, #0\n"
      "mov r8, r2\n"
      "mov r9, r2\n"
      "mov r10, r2\n"
      "mov r11, r2\n"
      "mov pc, lr\n"
      ".balign 4\n"
      "1:\n"
      ".rept 8\n"
      "ldmia r0!, {r3, r4}\n"
      "ldmia r1!, {r5, r6}\n"
      "asrs r2, r3, #24\n"
      "muls r2, r5, r2\n"
      "add r8, r2\n"
      "asrs r2, r3, #16\n"
      "muls r2, r5, r2\n"
      "add r9, r2\n"
      "asrs r2, r3, #8\n"
      "muls r2, r5, r2\n"
      "add r10, r2\n"
      "muls r3, r5, r3\n"
      "add r11, r3\n"
      "asrs r2, r4, #24\n"
      "muls r2, r6, r2\n"
      "add r8, r2\n"
      "asrs r2, r4, #16\n"
      "muls r2, r6, r2\n"
      "add r9, r2\n"
      "asrs r2, r4, #8\n"
      "muls r2, r6, r2\n"
      "add r10, r2\n"
      "muls r4, r6, r4\n"
      "add r11, r4\n"
      ".endr\n"
      "cmp r1, r12\n"
      "beq 3f\n"
      "b 1b\n"
      "3:\n"
      "ldr r2, [sp]\n"
      "mov r4, r8\n"
      "mov r5, r9\n"
      "mov r6, r10\n"
      "mov r7, r11\n"
      "lsls r3, r6, #8\n"
      "subs r7, r7, r3\n"
      "lsls r3, r5, #8\n"
      "subs r6, r6, r3\n"
      "lsls r3, r4, #8\n"
      "subs r5, r5, r3\n"
      "ldr r3, [sp, #60]\n"  // bias
      "subs r7, r7, r3\n"
      "subs r6, r6, r3\n"
      "subs r5, r5, r3\n"
      "stmia r2!, {r4-r7}\n"
      "str r2, [sp]\n"
      "ldr r3, [sp, #8]\n"
      "adds r0, r0, r3\n"
      "ldr r3, [sp, #4]\n"
      "cmp r2, r3\n"
      "beq 4f\n"
      "b 2b\n"
      "4:\n"
      "add sp, sp, #16\n"
      "pop {r4-r7}\n"
      "mov r8, r4\n"
      "mov r9, r5\n"
      "mov r10, r6\n"
      "mov r11, r7\n"
      "pop {r4-r7, pc}\n");
}

#else

void quads_dot(const int8_t* group, const int32_t* x, uint32_t blocks, int32_t* sums, uint32_t groups, uint32_t skip,
               int32_t bias) {
  for (; groups > 0; groups--, group += skip, sums += 4) {
    uint32_t upper[4] = {};
    for (uint32_t k = 0; k < 2 * blocks; k++, group += 4) {
      int32_t word;
      __builtin_memcpy(&word, group, 4);
      for (uint32_t lane = 0; lane < 4; lane++)
        upper[lane] += static_cast<uint32_t>(word >> (24 - 8 * lane)) * static_cast<uint32_t>(x[k]);
    }
    sums[0] = static_cast<int32_t>(upper[0]);
    for (uint32_t lane = 1; lane < 4; lane++)
      sums[lane] = static_cast<int32_t>(upper[lane] - 256 * upper[lane - 1] - static_cast<uint32_t>(bias));
  }
}

#endif

}  // namespace linnet
