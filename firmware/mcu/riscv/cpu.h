// What every RISC-V core with machine mode has: control registers (The RISC-V Instruction Set Manual, volume II, 3) and
// the platform-level interrupt controller (RISC-V PLIC Specification; the first hart's machine mode is context 0).
#pragma once

#include <cstdint>

namespace linnet::riscv {

using Register = volatile uint32_t;

template <typename T>
inline T& at(uint32_t address) {
  return *reinterpret_cast<T*>(address);
}

constexpr uint32_t kMachineExternal = 1u << 11;  // in mie and mip

inline void disable_interrupts() { asm volatile("csrci mstatus, 8" ::: "memory"); }
inline void enable_interrupts() { asm volatile("csrsi mstatus, 8" ::: "memory"); }
// Sleeps until an interrupt is pending, also while they are disabled.
inline void wait_for_interrupt() { asm volatile("fence\n wfi" ::: "memory"); }

// The low halves, which are enough for differences.
inline uint32_t cycles() {
  uint32_t value;
  asm volatile("csrr %0, mcycle" : "=r"(value)::"memory");
  return value;
}
inline uint32_t instructions() {
  uint32_t value;
  asm volatile("csrr %0, minstret" : "=r"(value)::"memory");
  return value;
}

constexpr uint32_t kPlic = 0x0C000000;  // on the FE310 and on QEMU's virt
inline Register& plic_priority(uint32_t irq) { return at<Register>(kPlic + 4 * irq); }
inline Register& plic_enable(uint32_t irq) { return at<Register>(kPlic + 0x2000 + 4 * (irq / 32)); }
inline Register& plic_threshold() { return at<Register>(kPlic + 0x200000); }
inline Register& plic_claim() { return at<Register>(kPlic + 0x200004); }

}  // namespace linnet::riscv
