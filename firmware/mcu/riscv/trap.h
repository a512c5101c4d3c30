// Interrupts of devices, through the PLIC.
#pragma once

#include <cstdint>

namespace linnet::riscv {

// Lets one device interrupt: it calls uart_interrupt(). There is only one on every family, so the trap needs no table.
void enable_interrupt(uint32_t irq);

// The family's.
void uart_interrupt();

}  // namespace linnet::riscv
