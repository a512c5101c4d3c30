// The few registers of an RP2040 that the port uses (RP2040 Datasheet, Raspberry Pi Ltd; sections in brackets).
#pragma once

#include <cstdint>

#include "firmware/mcu/cortex_m/cpu.h"
#include "firmware/mcu/pl011.h"

namespace linnet::rp2040 {

using cortex_m::at;
using cortex_m::Register;

// The same register again, where the bits written as 1 are set, or cleared, and the others stay [2.1.2].
inline void set_bits(Register& r, uint32_t bits) { at<Register>(reinterpret_cast<uint32_t>(&r) + 0x2000) = bits; }
inline void clear_bits(Register& r, uint32_t bits) { at<Register>(reinterpret_cast<uint32_t>(&r) + 0x3000) = bits; }

struct Psm {  // [2.13.5]
  Register frce_on, frce_off, wdsel, done;
};
struct Resets {  // [2.14.3]
  Register reset, wdsel, done;
};
struct Clock {  // [2.15.7]
  Register ctrl, div, selected;
};
struct Clocks {
  Clock gpout[4], ref, sys, peri;
};
struct Xosc {  // [2.16.7]
  Register ctrl, status, dormant, startup;
};
struct Pll {  // [2.18.4]
  Register cs, pwr, fbdiv, prim;
};
struct Gpio {  // [2.19.6]
  Register status, ctrl;
};
struct Timer {  // [4.6.5]
  Register timehw, timelw, timehr, timelr, alarm[4], armed, timerawh, timerawl;
};
struct Watchdog {  // [4.7.6]
  Register ctrl, load, reason, scratch[8], tick;
};
struct Ssi {  // [4.10.13]
  Register ctrlr0, ctrlr1, ssienr, mwcr, ser, baudr, txftlr, rxftlr, txflr, rxflr, sr, reserved0[13], dr0;
  Register reserved1[35], rx_sample_dly, spi_ctrlr0;
};
struct QspiPads {  // [2.19.6.4]
  Register voltage, sclk, sd[4], ss;
};

inline Psm& psm() { return at<Psm>(0x40010000); }
inline Resets& resets() { return at<Resets>(0x4000C000); }
inline Clocks& clocks() { return at<Clocks>(0x40008000); }
inline Xosc& xosc() { return at<Xosc>(0x40024000); }
inline Pll& pll_sys() { return at<Pll>(0x40028000); }
inline Gpio& gpio(uint32_t pin) { return at<Gpio>(0x40014000 + 8 * pin); }
inline Register& pad(uint32_t pin) { return at<Register>(0x4001C004 + 4 * pin); }
inline QspiPads& qspi_pads() { return at<QspiPads>(0x40020000); }
inline pl011::Uart& uart0() { return at<pl011::Uart>(0x40034000); }
inline Timer& timer() { return at<Timer>(0x40054000); }
inline Watchdog& watchdog() { return at<Watchdog>(0x40058000); }
inline Ssi& ssi() { return at<Ssi>(0x18000000); }

// Bits of RESETS.
constexpr uint32_t kResetIoBank0 = 1u << 5, kResetPadsBank0 = 1u << 8, kResetPllSys = 1u << 12, kResetTimer = 1u << 21,
                   kResetUart0 = 1u << 22;

constexpr uint32_t kUart0Irq = 20;
constexpr uint32_t kInterrupts = 26;  // [2.3.2]

constexpr uint32_t kFlash = 0x10000000;
constexpr uint32_t kBoot2Bytes = 256;

static_assert(sizeof(Ssi) == 0xf8 && sizeof(Watchdog) == 0x30 && sizeof(Timer) == 0x2c);

}  // namespace linnet::rp2040
