// UART0, worked by its interrupt (firmware/mcu/serial.h).
#pragma once

#include <cstdint>

namespace linnet::nrf51 {

void start_uart();
void uart0_interrupt();

}  // namespace linnet::nrf51
