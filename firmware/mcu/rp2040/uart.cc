// An Arm PL011 with queues of 32 bytes [RP2040 Datasheet, 4.2].
#include "firmware/mcu/rp2040/uart.h"

#include "board.h"
#include "firmware/mcu/cortex_m/serial.h"
#include "firmware/mcu/rp2040/registers.h"

namespace linnet {
namespace rp2040 {
namespace {

using cortex_m::serial;

constexpr uint32_t kReceiveEmpty = 1u << 4, kTransmitFull = 1u << 5;                         // FR
constexpr uint32_t kOverrun = 1u << 11;                                                      // DR
constexpr uint32_t kQueues = 1u << 4, k8Bits = 3u << 5;                                      // LCR
constexpr uint32_t kEnable = 1u << 0, kTransmitter = 1u << 8, kReceiver = 1u << 9;           // CR
constexpr uint32_t kReceived = 1u << 4, kTransmitted = 1u << 5, kReceivedLongAgo = 1u << 6;  // IMSC, ICR
constexpr uint32_t kReceiveInterrupts = kReceived | kReceivedLongAgo;
constexpr uint32_t kReceiveAtHalf = 2u << 3, kTransmitAtEighth = 0;                                // IFLS
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
  const uint32_t divisor = (clock_hz * 4u + baud / 2) / baud;  // clock / (16 · baud), 6 fraction bits
  uart0().ibrd = divisor >> 6;
  uart0().fbrd = divisor & 63;
  uart0().lcr = kQueues | k8Bits;  // the divisor is taken over here
  uart0().ifls = kReceiveAtHalf | kTransmitAtEighth;
  uart0().cr = kEnable | kTransmitter | kReceiver;
  uart0().imsc = kReceiveInterrupts;
  use_pin(board::kUartTxPin);
  use_pin(board::kUartRxPin);
  cortex_m::enable_interrupt(kUart0Irq);
}

void uart0_interrupt() {
  Uart& uart = uart0();
  uart.icr = kReceivedLongAgo;
  while ((uart.fr & kReceiveEmpty) == 0) {
    const uint32_t byte = uart.dr;
    if ((byte & kOverrun) != 0) serial.lose();  // before this one
    serial.take(static_cast<uint8_t>(byte));
  }
  cortex_m::transmit();
}

}  // namespace rp2040

// The transmit interrupt comes when the queue has drained to an eighth, so it is wanted only while there is more.
void cortex_m::transmit() {
  rp2040::Uart& uart = rp2040::uart0();
  while (!serial.waiting.empty() && (uart.fr & rp2040::kTransmitFull) == 0) uart.dr = serial.waiting.take();
  uart.imsc = serial.waiting.empty() ? rp2040::kReceiveInterrupts : rp2040::kReceiveInterrupts | rp2040::kTransmitted;
}

}  // namespace linnet
