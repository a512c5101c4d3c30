// UART0, worked by its interrupt (firmware/mcu/serial.h).
#pragma once

#include <cstdint>

namespace linnet::rp2040 {

void start_uart(uint32_t clock_hz, uint32_t baud);
void uart0_interrupt();

}  // namespace linnet::rp2040
