// The few registers of an STM32H743 that the port uses (ST RM0433).
#pragma once

#include <cstdint>

#include "firmware/mcu/cortex_m/cpu.h"

namespace linnet::stm32h7 {

using cortex_m::at;
using cortex_m::Register;

struct Rcc {  // 8.7
  Register cr, icscr, crrcr, csicfgr, cfgr, reserved0, d1cfgr, d2cfgr, d3cfgr, reserved1, pllckselr, pllcfgr, pll1divr;
  Register pll1fracr, pll2divr, pll2fracr, pll3divr, pll3fracr, reserved2, d1ccipr, d2ccip1r, d2ccip2r, d3ccipr;
  Register reserved3[33], ahb4enr, apb3enr, apb1lenr;
};
static_assert(sizeof(Rcc) == 0xEC);
struct Power {  // 6.8
  Register cr1, csr1, cr2, cr3, cpucr, reserved0, d3cr;
};
struct Gpio {
  Register moder, otyper, ospeedr, pupdr, idr, odr, bsrr, lckr, afr[2];
};
struct Usart {  // 48.7
  Register cr1, cr2, cr3, brr, gtpr, rtor, rqr, isr, icr, rdr, tdr;
};
struct Timer {
  Register cr1, cr2, smcr, dier, sr, egr, ccmr1, ccmr2, ccer, cnt, psc, arr;
};

inline Timer& tim2() { return at<Timer>(0x40000000); }
inline Usart& usart3() { return at<Usart>(0x40004800); }
inline Register& flash_acr() { return at<Register>(0x52002000); }
inline Gpio& gpio(uint32_t port) { return at<Gpio>(0x58020000 + 0x400 * port); }
inline Rcc& rcc() { return at<Rcc>(0x58024400); }
inline Power& power() { return at<Power>(0x58024800); }
inline Register& debug_idcode() { return at<Register>(0x5C001000); }
inline Register& axi_sram_fn_mod() { return at<Register>(0x51008108); }  // AXI_TARG7_FN_MOD

constexpr uint32_t kUsart3Irq = 39;
constexpr uint32_t kInterrupts = 150;  // table 145

}  // namespace linnet::stm32h7
