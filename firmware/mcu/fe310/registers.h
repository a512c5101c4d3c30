// The few registers of an FE310 that the port uses (SiFive FE310-G000 Manual).
#pragma once

#include <cstdint>

#include "firmware/mcu/riscv/cpu.h"

namespace linnet::fe310 {

using riscv::at;
using riscv::Register;

// Always-on domain: the watchdog.
struct Watchdog {
  Register cfg, reserved0, count, reserved1, scaled, reserved2, feed, key, cmp;
};
// Power, reset, clocks.
struct Prci {
  Register hfrosccfg, hfxosccfg, pllcfg, plloutdiv;
};
struct Gpio {
  Register value, input_en, output_en, port, pue, ds, interrupts[8], iof_en, iof_sel;
};
struct Uart {
  Register txdata, rxdata, txctrl, rxctrl, ie, ip, div;
};

inline Watchdog& watchdog() { return at<Watchdog>(0x10000000); }
inline Prci& prci() { return at<Prci>(0x10008000); }
inline Gpio& gpio() { return at<Gpio>(0x10012000); }
inline Uart& uart0() { return at<Uart>(0x10013000); }
inline Register& qspi0_sckdiv() { return at<Register>(0x10014000); }

constexpr uint32_t kUart0Irq = 3;

}  // namespace linnet::fe310
