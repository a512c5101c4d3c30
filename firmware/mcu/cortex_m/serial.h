// The serial line (firmware/mcu/serial.h) as a Cortex-M family's UART driver sees it.
#pragma once

#include "firmware/mcu/serial.h"

namespace linnet::cortex_m {

using linnet::serial;

// The family's: hands waiting bytes to the UART while it takes them; its interrupt goes on from there. Called with
// interrupts off, or from one.
void transmit();

}  // namespace linnet::cortex_m
