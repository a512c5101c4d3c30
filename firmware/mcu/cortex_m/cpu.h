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

}  // namespace linnet::cortex_m
