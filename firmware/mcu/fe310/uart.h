// UART0, worked by its interrupt (firmware/mcu/serial.h). It does not tell of bytes it had no room for: frames that
// lack some are noticed by their FCS.
#pragma once

#include <cstdint>

namespace linnet::fe310 {

void start_uart(uint32_t clock_hz, uint32_t baud);

}  // namespace linnet::fe310
