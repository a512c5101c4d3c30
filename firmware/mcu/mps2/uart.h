// UART0, worked by its interrupts (firmware/mcu/serial.h).
#pragma once

#include <cstdint>

namespace linnet::mps2 {

void start_uart(uint32_t clock_hz, uint32_t baud);
void uart0_interrupt();

}  // namespace linnet::mps2
