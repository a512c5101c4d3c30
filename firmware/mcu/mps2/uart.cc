#include "firmware/mcu/mps2/uart.h"

#include "firmware/mcu/mps2/registers.h"
#include "firmware/mcu/serial.h"

namespace linnet {
namespace mps2 {
namespace {

constexpr uint32_t kTransmitFull = 1u << 0, kReceiveFull = 1u << 1, kReceiveOverrun = 1u << 3;  // STATE
constexpr uint32_t kTransmitter = 1u << 0, kReceiver = 1u << 1, kTransmitInterrupt = 1u << 2,
                   kReceiveInterrupt = 1u << 3;                  // CTRL
constexpr uint32_t kTransmitted = 1u << 0, kReceived = 1u << 1;  // INTSTATUS; written back, it is cleared

}  // namespace

void start_uart(uint32_t clock_hz, uint32_t baud) {
  uart0().bauddiv = (clock_hz + baud / 2) / baud;
  uart0().ctrl = kTransmitter | kReceiver | kTransmitInterrupt | kReceiveInterrupt;
  cortex_m::enable_interrupt(board::kUart0ReceiveIrq);
  cortex_m::enable_interrupt(board::kUart0TransmitIrq);
}

void uart0_interrupt() {
  Uart& uart = uart0();
  uart.interrupt = kTransmitted | kReceived;  // before looking: what comes from here on interrupts again
  // There is no queue, only the byte: one more that comes before it is taken is lost.
  if ((uart.state & kReceiveOverrun) != 0) {
    uart.state = kReceiveOverrun;  // clears it
    serial.lose();
  }
  if ((uart.state & kReceiveFull) != 0) serial.take(static_cast<uint8_t>(uart.data));
  transmit();
}

}  // namespace mps2

// The interrupt comes when the UART has moved a byte on from DATA, so it needs no switching off when there is no more.
void transmit() {
  mps2::Uart& uart = mps2::uart0();
  while (!serial.waiting.empty() && (uart.state & mps2::kTransmitFull) == 0) uart.data = serial.waiting.take();
}

}  // namespace linnet
