// Instructions every Cortex-M has and C++ has no words for.
#pragma once

namespace linnet::cortex_m {

inline void disable_interrupts() { asm volatile("cpsid i" ::: "memory"); }
inline void enable_interrupts() { asm volatile("cpsie i" ::: "memory"); }
// Sleeps until an interrupt is pending, also while they are disabled: so what was checked before cannot be missed.
inline void wait_for_interrupt() { asm volatile("dsb\n wfi" ::: "memory"); }
inline void barrier() { asm volatile("dsb" ::: "memory"); }

}  // namespace linnet::cortex_m
