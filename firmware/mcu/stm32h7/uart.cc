#include "firmware/mcu/stm32h7/uart.h"

#include "board.h"
#include "firmware/mcu/serial.h"
#include "firmware/mcu/stm32h7/registers.h"

namespace linnet {
namespace stm32h7 {
namespace {

constexpr uint32_t kOverrun = 1u << 3, kReceived = 1u << 5, kTransmitRoom = 1u << 7;  // ISR; ICR has the overrun too
constexpr uint32_t kEnable = 1u << 0, kReceiver = 1u << 2, kTransmitter = 1u << 3, kReceiveInterrupt = 1u << 5,
                   kTransmitInterrupt = 1u << 7, kQueues = 1u << 29;  // CR1; queues of 16 bytes
constexpr uint32_t kUsart3Clock = 1u << 18;                           // APB1LENR
constexpr uint32_t kRunning = kQueues | kEnable | kReceiver | kTransmitter | kReceiveInterrupt;
constexpr uint32_t kAlternate = 2, kUsart3Function = 7, kPullUp = 1;

void use_pin(uint32_t pin) {
  Gpio& port = gpio(board::kUartPort);
  port.afr[pin / 8] = (port.afr[pin / 8] & ~(15u << pin % 8 * 4)) | kUsart3Function << pin % 8 * 4;
  port.pupdr = (port.pupdr & ~(3u << pin * 2)) | kPullUp << pin * 2;
  port.moder = (port.moder & ~(3u << pin * 2)) | kAlternate << pin * 2;
}

}  // namespace

void start_uart(uint32_t clock_hz, uint32_t baud) {
  rcc().ahb4enr |= 1u << board::kUartPort;
  rcc().apb1lenr |= kUsart3Clock;
  static_cast<void>(rcc().apb1lenr);  // a register works two cycles after its clock is on
  use_pin(board::kUartTxPin);
  use_pin(board::kUartRxPin);
  usart3().cr1 = 0;
  usart3().brr = (clock_hz + baud / 2) / baud;
  usart3().cr1 = kRunning;
  cortex_m::enable_interrupt(kUsart3Irq);
}

void usart3_interrupt() {
  Usart& uart = usart3();
  if ((uart.isr & kOverrun) != 0) {
    uart.icr = kOverrun;
    serial.lose();
  }
  while ((uart.isr & kReceived) != 0) serial.take(static_cast<uint8_t>(uart.rdr));
  transmit();
}

}  // namespace stm32h7

void transmit() {
  stm32h7::Usart& uart = stm32h7::usart3();
  while (!serial.waiting.empty() && (uart.isr & stm32h7::kTransmitRoom) != 0) uart.tdr = serial.waiting.take();
  uart.cr1 = serial.waiting.empty() ? stm32h7::kRunning : stm32h7::kRunning | stm32h7::kTransmitInterrupt;
}

}  // namespace linnet
