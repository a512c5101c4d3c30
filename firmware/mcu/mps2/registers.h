// The few registers of an MPS2 that the port uses (Arm DAI 0386; Cortex-M System Design Kit: Arm DDI 0479).
#pragma once

#include <cstdint>

#include "firmware/mcu/cortex_m/cpu.h"

namespace linnet::mps2 {

using cortex_m::at;
using cortex_m::Register;

struct Timer {
  Register ctrl, value, reload, interrupt;
};
struct Uart {
  Register data, state, ctrl, interrupt, bauddiv;
};

inline Timer& timer0() { return at<Timer>(0x40000000); }
inline Uart& uart0() { return at<Uart>(0x40004000); }

constexpr uint32_t kUart0ReceiveIrq = 0, kUart0TransmitIrq = 1;

}  // namespace linnet::mps2
