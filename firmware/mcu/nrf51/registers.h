// The few registers of an nRF51 that the port uses (Nordic nRF51 Series Reference Manual 3.0). Tasks are started, and
// events taken back, by writing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "firmware/mcu/cortex_m/cpu.h"

namespace linnet::nrf51 {

using cortex_m::at;
using cortex_m::Register;

struct Clock {
  Register hfclkstart;
  Register reserved0[63];
  Register hfclkstarted;
};
// Power and clock are one block.
inline Register& ramon() { return at<Register>(0x40000524); }

struct Uart {
  Register startrx, stoprx, starttx, stoptx;  // tasks
  Register reserved0[62];
  Register rxdrdy;  // events
  Register reserved1[4];
  Register txdrdy, reserved2, error;
  Register reserved3[119];
  Register intenset, intenclr;
  Register reserved4[93];
  Register errorsrc;
  Register reserved5[31];
  Register enable, reserved6, pselrts, pseltxd, pselcts, pselrxd, rxd, txd, reserved7, baudrate;
};
static_assert(offsetof(Uart, rxdrdy) == 0x108 && offsetof(Uart, txdrdy) == 0x11C && offsetof(Uart, error) == 0x124);
static_assert(offsetof(Uart, intenset) == 0x304 && offsetof(Uart, errorsrc) == 0x480);
static_assert(offsetof(Uart, enable) == 0x500 && offsetof(Uart, baudrate) == 0x524);
struct Timer {
  Register start, stop, count, clear;  // tasks
  Register reserved0[12];
  Register capture[4];
  Register reserved1[301];
  Register mode, bitmode, reserved2, prescaler;
  Register reserved3[11];
  Register cc[4];
};
static_assert(offsetof(Timer, capture) == 0x040 && offsetof(Timer, mode) == 0x504 && offsetof(Timer, cc) == 0x540);
struct Gpio {
  Register out, outset, outclr, in, dir, dirset, dirclr;
  Register reserved0[120];
  Register pin_cnf[32];
};
static_assert(offsetof(Gpio, pin_cnf) == 0x700 - 0x504);

inline Clock& clock() { return at<Clock>(0x40000000); }
inline Uart& uart0() { return at<Uart>(0x40002000); }
inline Timer& timer0() { return at<Timer>(0x40008000); }
inline Gpio& gpio() { return at<Gpio>(0x50000504); }

constexpr uint32_t kUart0Irq = 2;

}  // namespace linnet::nrf51
