// UART0, a PL011.
#pragma once

#include <cstdint>

namespace linnet::rp2350 {

void start_uart(uint32_t clock_hz, uint32_t baud);
void uart0_interrupt();

}  // namespace linnet::rp2350
