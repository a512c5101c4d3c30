// The few registers of an STM32F405/407 that the port uses (ST RM0090; Cortex-M4: Arm DDI 0403).
#pragma once

#include <cstdint>

namespace linnet::stm32f4 {

using Register = volatile uint32_t;

struct Rcc {
  Register cr, pllcfgr, cfgr, cir, ahb1rstr, ahb2rstr, ahb3rstr, reserved0, apb1rstr, apb2rstr, reserved1[2];
  Register ahb1enr, ahb2enr, ahb3enr, reserved2, apb1enr, apb2enr;
};
struct Gpio {
  Register moder, otyper, ospeedr, pupdr, idr, odr, bsrr, lckr, afr[2];
};
struct Usart {
  Register sr, dr, brr, cr1, cr2, cr3, gtpr;
};
struct Timer {
  Register cr1, cr2, smcr, dier, sr, egr, ccmr1, ccmr2, ccer, cnt, psc, arr;
};
struct SysTick {
  Register csr, rvr, cvr;
};

template <typename T>
inline T& at(uint32_t address) {
  return *reinterpret_cast<T*>(address);
}

inline Rcc& rcc() { return at<Rcc>(0x40023800); }
inline Register& flash_acr() { return at<Register>(0x40023C00); }
inline Gpio& gpio(uint32_t port) { return at<Gpio>(0x40020000 + 0x400 * port); }
inline Usart& usart1() { return at<Usart>(0x40011000); }
inline Timer& tim2() { return at<Timer>(0x40000000); }
inline SysTick& systick() { return at<SysTick>(0xE000E010); }
inline Register& nvic_enable(uint32_t irq) { return at<Register>(0xE000E100 + 4 * (irq / 32)); }
inline Register& scb_vtor() { return at<Register>(0xE000ED08); }
inline Register& scb_aircr() { return at<Register>(0xE000ED0C); }

constexpr uint32_t kUsart1Irq = 37;

}  // namespace linnet::stm32f4
