// The few registers of an RP2350 that the port uses (RP2350 Datasheet, Raspberry Pi Ltd; sections in brackets).
#pragma once

#include <cstdint>

#include "firmware/mcu/cortex_m/cpu.h"
#include "firmware/mcu/pl011.h"

namespace linnet::rp2350 {

using cortex_m::at;
using cortex_m::Register;

// The same register again, where the bits written as 1 are set, or cleared, and the others stay [2.1.3].
inline void set_bits(Register& r, uint32_t bits) { at<Register>(reinterpret_cast<uint32_t>(&r) + 0x2000) = bits; }
inline void clear_bits(Register& r, uint32_t bits) { at<Register>(reinterpret_cast<uint32_t>(&r) + 0x3000) = bits; }

struct Psm {  // power-on state machine
  Register frce_on, frce_off, wdsel, done;
};
struct Resets {
  Register reset, wdsel, done;
};
struct Clock {
  Register ctrl, div, selected;
};
struct Clocks {
  Clock gpout[4], ref, sys, peri;
};
struct Xosc {
  Register ctrl, status, dormant, startup;
};
struct Pll {
  Register cs, pwr, fbdiv, prim;
};
struct Gpio {
  Register status, ctrl;
};
struct Timer {
  Register timehw, timelw, timehr, timelr, alarm[4], armed, timerawh, timerawl, dbgpause, pause, locked, source;
};
struct Watchdog {
  Register ctrl, load, reason, scratch[8];
};

// [2.2.4]
inline Clocks& clocks() { return at<Clocks>(0x40010000); }
inline Psm& psm() { return at<Psm>(0x40018000); }
inline Resets& resets() { return at<Resets>(0x40020000); }
inline Gpio& gpio(uint32_t pin) { return at<Gpio>(0x40028000 + 8 * pin); }
inline Register& pad(uint32_t pin) { return at<Register>(0x40038004 + 4 * pin); }
inline Xosc& xosc() { return at<Xosc>(0x40048000); }
inline Pll& pll_sys() { return at<Pll>(0x40050000); }
inline pl011::Uart& uart0() { return at<pl011::Uart>(0x40070000); }
inline Timer& timer0() { return at<Timer>(0x400B0000); }
inline Watchdog& watchdog() { return at<Watchdog>(0x400D8000); }

// Bits of RESETS [7.5.3].
constexpr uint32_t kResetIoBank0 = 1u << 6, kResetPadsBank0 = 1u << 9, kResetPllSys = 1u << 14, kResetTimer0 = 1u << 23,
                   kResetUart0 = 1u << 26;

constexpr uint32_t kUart0Irq = 33;
constexpr uint32_t kInterrupts = 52;  // [3.2]

static_assert(sizeof(Timer) == 0x3c && sizeof(Watchdog) == 0x2c && sizeof(Clocks) == 0x54);

// Puts blocks into reset and takes them out again: whoever ran before may have used them.
inline void reset_blocks(uint32_t blocks) {
  set_bits(resets().reset, blocks);
  clear_bits(resets().reset, blocks);
  for (uint32_t i = 0; i < 100'000 && (resets().done & blocks) != blocks; i++) {
  }
}

}  // namespace linnet::rp2350
