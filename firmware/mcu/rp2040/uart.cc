// UART0: an Arm PL011 with queues of 32 bytes [RP2040 Datasheet, 4.2].
#include "firmware/mcu/rp2040/uart.h"

#include "board.h"
#include "firmware/mcu/rp2040/registers.h"
#include "firmware/mcu/serial.h"

namespace linnet {
namespace rp2040 {
namespace {

constexpr uint32_t kUartFunction = 2;                                                              // GPIO CTRL
constexpr uint32_t kInputEnable = 1u << 6, k4mA = 1u << 4, kPullUp = 1u << 3, kSchmitt = 1u << 1;  // pads

void use_pin(uint32_t pin) {
  pad(pin) = kInputEnable | k4mA | kPullUp | kSchmitt;  // a line nobody drives idles
  gpio(pin).ctrl = kUartFunction;
}

void leave_reset(uint32_t blocks) {
  clear_bits(resets().reset, blocks);
  for (uint32_t i = 0; i < 100'000 && (resets().done & blocks) != blocks; i++) {
  }
}

}  // namespace

void start_uart(uint32_t clock_hz, uint32_t baud) {
  set_bits(resets().reset, kResetUart0);
  leave_reset(kResetUart0 | kResetIoBank0 | kResetPadsBank0);
  pl011::start(uart0(), clock_hz, baud);
  use_pin(board::kUartTxPin);
  use_pin(board::kUartRxPin);
  cortex_m::enable_interrupt(kUart0Irq);
}

void uart0_interrupt() {
  pl011::receive(uart0());
  transmit();
}

}  // namespace rp2040

void transmit() { pl011::transmit(rp2040::uart0()); }

}  // namespace linnet
