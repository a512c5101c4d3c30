#include "firmware/mcu/stm32f4/uart.h"

#include "board.h"
#include "firmware/mcu/cortex_m/cpu.h"
#include "firmware/mcu/ring.h"
#include "firmware/mcu/stm32f4/registers.h"
#include "linnet/schema/link.h"

namespace linnet::stm32f4 {
namespace {

constexpr uint32_t kOverrun = 1u << 3, kReceived = 1u << 5, kTransmitEmpty = 1u << 7;  // SR
constexpr uint32_t kReceiver = 1u << 2, kTransmitter = 1u << 3, kReceiveInterrupt = 1u << 5,
                   kTransmitInterrupt = 1u << 7, kEnable = 1u << 13;  // CR1
constexpr uint32_t kUsart1Clock = 1u << 4;                            // APB2ENR
constexpr uint32_t kRunning = kEnable | kReceiver | kTransmitter | kReceiveInterrupt;
constexpr uint32_t kAlternate = 2, kUsart1Function = 7, kPullUp = 1;

Ring<4096> received;
Ring<1024> waiting;
static_assert(4096 >= 2 * (kMaxMessage + 4) + 2, "a message with every byte escaped");
volatile uint32_t lost;

// Hands waiting bytes to the UART while it takes them; its interrupt goes on from there. Interrupts are off or this
// is one. (QEMU's UART takes all of them at once; before version 8.1 it has no transmit interrupt.)
void transmit() {
  Usart& uart = usart1();
  while (!waiting.empty() && (uart.sr & kTransmitEmpty) != 0) uart.dr = waiting.take();
  uart.cr1 = waiting.empty() ? kRunning : kRunning | kTransmitInterrupt;
}

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
  nvic_enable(kUsart1Irq) = 1u << kUsart1Irq % 32;
}

uint32_t uart_read(uint8_t* to, uint32_t capacity) {
  uint32_t count = 0;
  while (count < capacity && !received.empty()) to[count++] = received.take();
  return count;
}

void uart_write(const uint8_t* bytes, uint32_t size) {
  for (uint32_t i = 0; i < size;) {
    cortex_m::disable_interrupts();
    while (i < size && !waiting.full()) waiting.put(bytes[i++]);
    transmit();
    if (i < size) cortex_m::wait_for_interrupt();
    cortex_m::enable_interrupts();
  }
}

bool uart_has_input() { return !received.empty(); }

uint32_t uart_lost_bytes() { return lost; }

extern "C" void usart1_interrupt() {
  Usart& uart = usart1();
  const uint32_t status = uart.sr;
  if ((status & (kReceived | kOverrun)) != 0) {
    const auto byte = static_cast<uint8_t>(uart.dr);  // also clears the overrun
    if ((status & kOverrun) != 0) lost = lost + 1;
    if ((status & kReceived) != 0) {
      if (received.full())
        lost = lost + 1;
      else
        received.put(byte);
    }
  }
  transmit();
}

}  // namespace linnet::stm32f4
