#include "firmware/mcu/stm32f4/uart.h"

#include "board.h"
#include "firmware/mcu/serial.h"
#include "firmware/mcu/stm32f4/registers.h"

namespace linnet {
namespace stm32f4 {
namespace {

constexpr uint32_t kOverrun = 1u << 3, kReceived = 1u << 5, kTransmitEmpty = 1u << 7;  // SR
constexpr uint32_t kReceiver = 1u << 2, kTransmitter = 1u << 3, kReceiveInterrupt = 1u << 5,
                   kTransmitInterrupt = 1u << 7, kEnable = 1u << 13;  // CR1
constexpr uint32_t kUsart1Clock = 1u << 4;                            // APB2ENR
constexpr uint32_t kRunning = kEnable | kReceiver | kTransmitter | kReceiveInterrupt;
constexpr uint32_t kAlternate = 2, kUsart1Function = 7, kPullUp = 1;

void use_pin(uint32_t pin) {
  Gpio& port = gpio(board::kUartPort);
  port.afr[pin / 8] = (port.afr[pin / 8] & ~(15u << pin % 8 * 4)) | kUsart1Function << pin % 8 * 4;
  port.pupdr = (port.pupdr & ~(3u << pin * 2)) | kPullUp << pin * 2;
  port.moder = (port.moder & ~(3u << pin * 2)) | kAlternate << pin * 2;
}

}  // namespace

void start_uart(uint32_t clock_hz, uint32_t baud) {
  rcc().ahb1enr |= 1u << board::kUartPort;
  rcc().apb2enr |= kUsart1Clock;
  use_pin(board::kUartTxPin);
  use_pin(board::kUartRxPin);
  usart1().brr = (clock_hz + baud / 2) / baud;
  usart1().cr1 = kRunning;
  cortex_m::enable_interrupt(kUsart1Irq);
}

void usart1_interrupt() {
  Usart& uart = usart1();
  const uint32_t status = uart.sr;
  if ((status & (kReceived | kOverrun)) != 0) {
    const auto byte = static_cast<uint8_t>(uart.dr);  // also clears the overrun
    if ((status & kOverrun) != 0) serial.lose();
    if ((status & kReceived) != 0) serial.take(byte);
  }
  transmit();
}

}  // namespace stm32f4

// (QEMU's UART takes all bytes at once; before version 8.1 it has no transmit interrupt.)
void transmit() {
  stm32f4::Usart& uart = stm32f4::usart1();
  while (!serial.waiting.empty() && (uart.sr & stm32f4::kTransmitEmpty) != 0) uart.dr = serial.waiting.take();
  uart.cr1 = serial.waiting.empty() ? stm32f4::kRunning : stm32f4::kRunning | stm32f4::kTransmitInterrupt;
}

}  // namespace linnet
