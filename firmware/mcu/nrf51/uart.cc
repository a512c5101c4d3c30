// nRF51 Series Reference Manual 3.0, chapter 29 (UART).
#include "firmware/mcu/nrf51/uart.h"

#include "board.h"
#include "firmware/mcu/nrf51/registers.h"
#include "firmware/mcu/serial.h"

namespace linnet {
namespace nrf51 {
namespace {

constexpr uint32_t kReceiveInterrupt = 1u << 2, kTransmitInterrupt = 1u << 7, kErrorInterrupt = 1u << 9;  // INTENSET
constexpr uint32_t kEnable = 4;
constexpr uint32_t k115200 = 0x01D7E000;  // BAUDRATE has values of its own
static_assert(LINNET_BAUD == 115200, "look up its BAUDRATE");
constexpr uint32_t kOverrun = 1u << 0;                          // ERRORSRC; written back, it is cleared
constexpr uint32_t kInput = 0, kOutput = 1, kPullUp = 3u << 2;  // PIN_CNF

bool sending;  // a byte is in TXD; TXDRDY says when it is not

}  // namespace

void start_uart() {
  gpio().outset = 1u << board::kUartTxPin;  // the line idles high
  gpio().pin_cnf[board::kUartTxPin] = kOutput;
  gpio().pin_cnf[board::kUartRxPin] = kInput | kPullUp;
  Uart& uart = uart0();
  uart.pseltxd = board::kUartTxPin;
  uart.pselrxd = board::kUartRxPin;
  uart.baudrate = k115200;
  uart.enable = kEnable;
  uart.rxdrdy = 0;
  uart.txdrdy = 0;
  uart.error = 0;
  uart.startrx = 1;
  uart.starttx = 1;
  uart.intenset = kReceiveInterrupt | kTransmitInterrupt | kErrorInterrupt;
  cortex_m::enable_interrupt(kUart0Irq);
}

void uart0_interrupt() {
  Uart& uart = uart0();
  if (uart.error != 0) {
    uart.error = 0;
    const uint32_t source = uart.errorsrc;
    uart.errorsrc = source;
    if ((source & kOverrun) != 0) serial.lose();
  }
  while (uart.rxdrdy != 0) {
    uart.rxdrdy = 0;  // before the byte is taken: then the next of the six it holds sets it again
    serial.take(static_cast<uint8_t>(uart.rxd));
  }
  if (uart.txdrdy != 0) {
    uart.txdrdy = 0;
    sending = false;
  }
  transmit();
}

}  // namespace nrf51

// One byte: there is no queue, and no flag either, only the event when it has been sent.
void transmit() {
  if (nrf51::sending || serial.waiting.empty()) return;
  nrf51::sending = true;
  nrf51::uart0().txd = serial.waiting.take();
}

}  // namespace linnet
