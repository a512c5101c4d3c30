// The 16550 UART, worked by its interrupt (firmware/mcu/serial.h).
#pragma once

namespace linnet::virt {

// There is no line, so no baud rate either.
void start_uart();

}  // namespace linnet::virt
