// The few registers of an STM32F4 that the port uses (ST RM0090; RM0383 has the same). f405.h and f411.h have what
// differs; board.h says which it is.
#pragma once

#include <cstdint>

#include "firmware/mcu/cortex_m/cpu.h"

namespace linnet::stm32f4 {

using cortex_m::at;
using cortex_m::Register;

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

inline Rcc& rcc() { return at<Rcc>(0x40023800); }
inline Register& power_cr() { return at<Register>(0x40007000); }
inline Register& power_csr() { return at<Register>(0x40007004); }
inline Register& flash_acr() { return at<Register>(0x40023C00); }
inline Gpio& gpio(uint32_t port) { return at<Gpio>(0x40020000 + 0x400 * port); }
inline Usart& usart1() { return at<Usart>(0x40011000); }
inline Timer& tim2() { return at<Timer>(0x40000000); }

constexpr uint32_t kUsart1Irq = 37;

}  // namespace linnet::stm32f4
