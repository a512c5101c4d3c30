// ST Nucleo-H743ZI2 (and the older Nucleo-H743ZI): what its wiring decides (ST UM2407). Everything else is in
// board.json.
#pragma once

#include <cstdint>

namespace linnet::board {

// From the ST-LINK, which puts a clock where a crystal would be.
constexpr uint32_t kExternalHz = 8'000'000;
constexpr bool kExternalIsClock = true;

// USART3, alternate function 7: wired to the ST-LINK, which makes it a USB serial port.
constexpr uint32_t kUartPort = 3;  // GPIOD
constexpr uint32_t kUartTxPin = 8;
constexpr uint32_t kUartRxPin = 9;

}  // namespace linnet::board
