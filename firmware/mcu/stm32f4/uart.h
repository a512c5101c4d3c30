// USART1 with a ring buffer each way, both worked by its interrupt.
#pragma once

#include <cstdint>

namespace linnet::stm32f4 {

void start_uart(uint32_t clock_hz, uint32_t baud);
uint32_t uart_read(uint8_t* to, uint32_t capacity);
void uart_write(const uint8_t* bytes, uint32_t size);
bool uart_has_input();
uint32_t uart_lost_bytes();

}  // namespace linnet::stm32f4
