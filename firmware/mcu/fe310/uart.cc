// SiFive FE310-G000 Manual, chapters 17 (GPIO) and 18 (UART).
#include "firmware/mcu/fe310/uart.h"

#include "firmware/mcu/fe310/registers.h"
#include "firmware/mcu/riscv/trap.h"
#include "firmware/mcu/serial.h"

namespace linnet {
namespace fe310 {
namespace {

constexpr uint32_t kPins = 1u << 16 | 1u << 17;  // UART0 can be on no others: RX, TX; function 0
constexpr uint32_t kFull = 1u << 31;             // TXDATA
constexpr uint32_t kEmpty = 1u << 31;            // RXDATA
constexpr uint32_t kEnable = 1u << 0;            // TXCTRL, RXCTRL
constexpr uint32_t kFewerThan4 = 4u << 16;       // TXCTRL: then there is a transmit interrupt
constexpr uint32_t kMoreThan0 = 0u << 16;        // RXCTRL: then there is a receive interrupt
constexpr uint32_t kTransmitInterrupt = 1u << 0, kReceiveInterrupt = 1u << 1;  // IE

}  // namespace

void start_uart(uint32_t clock_hz, uint32_t baud) {
  gpio().iof_sel = gpio().iof_sel & ~kPins;
  gpio().iof_en = gpio().iof_en | kPins;
  Uart& uart = uart0();
  uart.div = (clock_hz + baud / 2) / baud - 1;
  uart.txctrl = kEnable | kFewerThan4;
  uart.rxctrl = kEnable | kMoreThan0;
  uart.ie = kReceiveInterrupt;
  riscv::enable_interrupt(kUart0Irq);
}

}  // namespace fe310

void riscv::uart_interrupt() {
  for (uint32_t data; ((data = fe310::uart0().rxdata) & fe310::kEmpty) == 0;) serial.take(static_cast<uint8_t>(data));
  transmit();
}

void transmit() {
  fe310::Uart& uart = fe310::uart0();
  while (!serial.waiting.empty() && (uart.txdata & fe310::kFull) == 0) uart.txdata = serial.waiting.take();
  uart.ie = serial.waiting.empty() ? fe310::kReceiveInterrupt : fe310::kReceiveInterrupt | fe310::kTransmitInterrupt;
}

}  // namespace linnet
