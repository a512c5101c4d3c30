#include "firmware/mcu/riscv/trap.h"

#include "firmware/mcu/riscv/cpu.h"
#include "firmware/port.h"

extern "C" {

[[noreturn]] void fault_handler();
void external_interrupt();

// Where all traps begin. What is no interrupt is a fault, perhaps of the stack itself: that one gets a fresh stack, or
// saving registers there would fault again, for ever.
[[gnu::naked, gnu::aligned(4)]] void trap_handler() {
  asm volatile(
      "csrw mscratch, t0\n"
      "csrr t0, mcause\n"
      "bgez t0, 1f\n"
      "csrr t0, mscratch\n"
      "j external_interrupt\n"
      "1: la sp, linnet_stack_top\n"
      "j fault_handler\n");
}

// Only machine external interrupts are ever enabled.
[[gnu::interrupt("machine"), gnu::used]] void external_interrupt() {
  using linnet::riscv::plic_claim;
  while (const uint32_t irq = plic_claim()) {
    linnet::riscv::uart_interrupt();
    plic_claim() = irq;  // done with it
  }
}

// Something that cannot be: start afresh, the host notices. Used: by the assembly above, which link-time optimization
// does not read.
[[gnu::used]] void fault_handler() { linnet::port::reset(); }

}  // extern "C"

namespace linnet::riscv {

void enable_interrupt(uint32_t irq) {
  plic_threshold() = 0;
  plic_priority(irq) = 1;
  plic_enable(irq) = plic_enable(irq) | 1u << irq % 32;
  asm volatile("csrs mie, %0" ::"r"(kMachineExternal));
}

}  // namespace linnet::riscv
