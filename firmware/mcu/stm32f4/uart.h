// USART1, worked by its interrupt (firmware/mcu/serial.h).
#pragma once

#include <cstdint>

namespace linnet::stm32f4 {

void start_uart(uint32_t clock_hz, uint32_t baud);
void usart1_interrupt();

}  // namespace linnet::stm32f4
