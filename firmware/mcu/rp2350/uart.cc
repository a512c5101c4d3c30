#include "firmware/mcu/rp2350/uart.h"

#include "board.h"
#include "firmware/mcu/rp2350/registers.h"
#include "firmware/mcu/serial.h"

namespace linnet {
namespace rp2350 {
namespace {

constexpr uint32_t kUartFunction = 2;                                                              // GPIO CTRL
constexpr uint32_t kInputEnable = 1u << 6, k4mA = 1u << 4, kPullUp = 1u << 3, kSchmitt = 1u << 1;  // pads [9.11.3]

// A pad is isolated after reset, bit 8, until it is written here. Pulled up, a line nobody drives idles; a pull-down
// would not let go of an input (erratum RP2350-E9).
void use_pin(uint32_t pin) {
  gpio(pin).ctrl = kUartFunction;
  pad(pin) = kInputEnable | k4mA | kPullUp | kSchmitt;
}

}  // namespace

void start_uart(uint32_t clock_hz, uint32_t baud) {
  reset_blocks(kResetUart0 | kResetIoBank0 | kResetPadsBank0);
  pl011::start(uart0(), clock_hz, baud);
  use_pin(board::kUartTxPin);
  use_pin(board::kUartRxPin);
  cortex_m::enable_interrupt(kUart0Irq);
}

void uart0_interrupt() {
  pl011::receive(uart0());
  pl011::transmit(uart0());
}

}  // namespace rp2350

void transmit() { pl011::transmit(rp2350::uart0()); }

}  // namespace linnet
