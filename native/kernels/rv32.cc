// For RV32IM: eight row-major rows at a time, which the instruction set has registers for.
#include "native/kernels/row_blocks.h"
#include "native/kernels/variants.h"

namespace linnet {
namespace {

#if defined(__riscv) && __riscv_xlen == 32

// Sums of `blocks` times eight rows: the first is at `first`, the next at `near`, `far` and near + far bytes from it
// and so on by twice and three times `far`; blocks are 8 · columns apart. A column takes 25 instructions, a turn is 16
// columns; the first one starts where so many are left that the last one ends at the last column.
[[gnu::naked, gnu::noinline]] void dot8(const int8_t*, uint32_t, uint32_t, const int8_t*, uint32_t, int32_t*,
                                        uint32_t) {
  asm volatile(
      ".option push\n"
      ".option norelax\n"
      "addi sp, sp, -64\n"
      "sw s0, 0(sp)\n"
      "sw s1, 4(sp)\n"
      "sw s2, 8(sp)\n"
      "sw s3, 12(sp)\n"
      "sw s4, 16(sp)\n"
      "sw s5, 20(sp)\n"
      "sw s6, 24(sp)\n"
      "sw s7, 28(sp)\n"
      "sw s8, 32(sp)\n"
      "sw s9, 36(sp)\n"
      "sw s10, 40(sp)\n"
      "sw s11, 44(sp)\n"
      "sw a1, 48(sp)\n"
      "sw a2, 52(sp)\n"
      "slli t1, a4, 3\n"
      "sw t1, 56(sp)\n"  // from block to block
      // Columns the first turn leaves out.
      "neg t0, a4\n"
      "andi t0, t0, 15\n"
      "add a4, a3, a4\n"  // the end of x
      "sub a3, a3, t0\n"
      "sub s11, a0, t0\n"
      "li t1, 84\n"  // bytes of a column
      "mul t0, t0, t1\n"
      "lla t1, 1f\n"
      "add t0, t0, t1\n"  // where to start
      "sw a3, 60(sp)\n"
      // a0, t3 … t6, s8 … s10: rows; s0 … s7: sums; t1, t2, a1, a2, a7: operands.
      "3:\n"
      "lw a1, 48(sp)\n"
      "lw a2, 52(sp)\n"
      "lw a3, 60(sp)\n"
      "mv a0, s11\n"
      "add t3, a0, a1\n"
      "add t4, a0, a2\n"
      "add t5, t3, a2\n"
      "add t6, t4, a2\n"
      "add s8, t5, a2\n"
      "add s9, t6, a2\n"
      "add s10, s8, a2\n"
      "li s0, 0\n"
      "li s1, 0\n"
      "li s2, 0\n"
      "li s3, 0\n"
      "li s4, 0\n"
      "li s5, 0\n"
      "li s6, 0\n"
      "li s7, 0\n"
      "jr t0\n"
      ".balign 4\n"
      "1:\n"
      ".set column, 0\n"
      ".rept 16\n"
      "lb t1, column(a3)\n"
      "lb t2, column(a0)\n"
      "lb a1, column(t3)\n"
      "lb a2, column(t4)\n"
      "lb a7, column(t5)\n"
      "mul t2, t2, t1\n"
      "mul a1, a1, t1\n"
      "mul a2, a2, t1\n"
      "mul a7, a7, t1\n"
      "c.add s0, t2\n"
      "c.add s1, a1\n"
      "c.add s2, a2\n"
      "c.add s3, a7\n"
      "lb t2, column(t6)\n"
      "lb a1, column(s8)\n"
      "lb a2, column(s9)\n"
      "lb a7, column(s10)\n"
      "mul t2, t2, t1\n"
      "mul a1, a1, t1\n"
      "mul a2, a2, t1\n"
      "mul a7, a7, t1\n"
      "c.add s4, t2\n"
      "c.add s5, a1\n"
      "c.add s6, a2\n"
      "c.add s7, a7\n"
      ".set column, column + 1\n"
      ".endr\n"
      "addi a3, a3, 16\n"
      "addi a0, a0, 16\n"
      "addi t3, t3, 16\n"
      "addi t4, t4, 16\n"
      "addi t5, t5, 16\n"
      "addi t6, t6, 16\n"
      "addi s8, s8, 16\n"
      "addi s9, s9, 16\n"
      "addi s10, s10, 16\n"
      "bne a3, a4, 1b\n"
      "sw s0, 0(a5)\n"
      "sw s1, 4(a5)\n"
      "sw s2, 8(a5)\n"
      "sw s3, 12(a5)\n"
      "sw s4, 16(a5)\n"
      "sw s5, 20(a5)\n"
      "sw s6, 24(a5)\n"
      "sw s7, 28(a5)\n"
      "addi a5, a5, 32\n"
      "lw a1, 56(sp)\n"
      "add s11, s11, a1\n"
      "addi a6, a6, -1\n"
      "bnez a6, 3b\n"
      "lw s0, 0(sp)\n"
      "lw s1, 4(sp)\n"
      "lw s2, 8(sp)\n"
      "lw s3, 12(sp)\n"
      "lw s4, 16(sp)\n"
      "lw s5, 20(sp)\n"
      "lw s6, 24(sp)\n"
      "lw s7, 28(sp)\n"
      "lw s8, 32(sp)\n"
      "lw s9, 36(sp)\n"
      "lw s10, 40(sp)\n"
      "lw s11, 44(sp)\n"
      "addi sp, sp, 64\n"
      "ret\n"
      ".option pop\n");
}

#else

void dot8(const int8_t* first, uint32_t near, uint32_t far, const int8_t* x, uint32_t columns, int32_t* sums,
          uint32_t blocks) {
  for (; blocks > 0; blocks--, first += 8 * columns, sums += 8)
    for (uint32_t i = 0; i < 8; i++) sums[i] = row_blocks::dot(first + i / 2 * far + i % 2 * near, x, columns);
}

#endif

struct Rv32 {
  static constexpr uint32_t kRows = 8, kUnits = 2;

  static void dot(const int8_t* first, uint32_t blocks, const int8_t* x, uint32_t columns, int32_t* sums) {
    dot8(first, columns, 2 * columns, x, columns, sums, blocks);
  }

  static void dot_gates(const int8_t* first, uint32_t far, const int8_t* x, uint32_t columns, int32_t* terms) {
    int32_t sums[8];
    dot8(first, columns, far, x, columns, sums, 1);
    for (uint32_t i = 0; i < 8; i++) terms[i / 2 * kBlockUnits + i % 2] = sums[i];
  }
};

}  // namespace

const Kernels& rv32_kernels() {
  static constexpr Kernels table =
      based_on(kReference, "rv32", row_blocks::dense_i8<Rv32>, row_blocks::dense_many_i8<Rv32>,
               row_blocks::lstm_step_i8<Rv32>, lstm_recur_i8_reference);
  return table;
}

}  // namespace linnet
