// The few registers of an MPS2 or MPS3 that the port uses (Cortex-M System Design Kit: Arm DDI 0479).
#pragma once

#include <cstdint>

#include "board.h"
#include "firmware/mcu/cortex_m/cpu.h"

namespace linnet::mps2 {

using cortex_m::at;
using cortex_m::Register;

struct Uart {
  Register data, state, ctrl, interrupt, bauddiv;
};

inline Uart& uart0() { return at<Uart>(board::kUart0); }

}  // namespace linnet::mps2
