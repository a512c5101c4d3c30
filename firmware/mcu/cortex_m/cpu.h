// What every Cortex-M has: instructions C++ has no words for, and the core's own registers (Arm DDI 0403, B3).
#pragma once

#include <cstdint>

namespace linnet::cortex_m {

using Register = volatile uint32_t;

struct SysTick {
  Register csr, rvr, cvr;
};

template <typename T>
inline T& at(uint32_t address) {
  return *reinterpret_cast<T*>(address);
}

inline SysTick& systick() { return at<SysTick>(0xE000E010); }
inline Register& vtor() { return at<Register>(0xE000ED08); }
inline Register& aircr() { return at<Register>(0xE000ED0C); }
inline void enable_interrupt(uint32_t irq) { at<Register>(0xE000E100 + 4 * (irq / 32)) = 1u << irq % 32; }

inline void disable_interrupts() { asm volatile("cpsid i" ::: "memory"); }
inline void enable_interrupts() { asm volatile("cpsie i" ::: "memory"); }
// Sleeps until an interrupt is pending, also while they are disabled: so what was checked before cannot be missed.
inline void wait_for_interrupt() { asm volatile("dsb\n wfi" ::: "memory"); }
inline void barrier() { asm volatile("dsb" ::: "memory"); }

#ifdef __ARM_FEATURE_MVE
// CPACR: the registers of FPU and vectors are off after reset. Before the first instruction that uses them.
inline void enable_vectors() {
  at<Register>(0xE000ED88) = at<Register>(0xE000ED88) | 15u << 20;
  asm volatile("dsb\n isb" ::: "memory");
}
#else
inline void enable_vectors() {}
#endif

}  // namespace linnet::cortex_m
