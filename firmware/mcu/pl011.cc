#include "firmware/mcu/pl011.h"

#include "firmware/mcu/serial.h"

namespace linnet::pl011 {
namespace {

constexpr uint32_t kReceiveEmpty = 1u << 4, kTransmitFull = 1u << 5;                         // FR
constexpr uint32_t kOverrun = 1u << 11;                                                      // DR
constexpr uint32_t kQueues = 1u << 4, k8Bits = 3u << 5;                                      // LCR
constexpr uint32_t kEnable = 1u << 0, kTransmitter = 1u << 8, kReceiver = 1u << 9;           // CR
constexpr uint32_t kReceived = 1u << 4, kTransmitted = 1u << 5, kReceivedLongAgo = 1u << 6;  // IMSC, ICR
constexpr uint32_t kReceiveInterrupts = kReceived | kReceivedLongAgo;
constexpr uint32_t kReceiveAtHalf = 2u << 3, kTransmitAtEighth = 0;  // IFLS

}  // namespace

void start(Uart& uart, uint32_t clock_hz, uint32_t baud) {
  const uint32_t divisor = (clock_hz * 4u + baud / 2) / baud;  // clock / (16 · baud), 6 fraction bits
  uart.ibrd = divisor >> 6;
  uart.fbrd = divisor & 63;
  uart.lcr = kQueues | k8Bits;  // the divisor is taken over here
  uart.ifls = kReceiveAtHalf | kTransmitAtEighth;
  uart.cr = kEnable | kTransmitter | kReceiver;
  uart.imsc = kReceiveInterrupts;
}

void receive(Uart& uart) {
  uart.icr = kReceivedLongAgo;
  while ((uart.fr & kReceiveEmpty) == 0) {
    const uint32_t byte = uart.dr;
    if ((byte & kOverrun) != 0) serial.lose();  // before this one
    serial.take(static_cast<uint8_t>(byte));
  }
}

// The transmit interrupt comes when the queue has drained to an eighth, so it is wanted only while there is more.
void transmit(Uart& uart) {
  while (!serial.waiting.empty() && (uart.fr & kTransmitFull) == 0) uart.dr = serial.waiting.take();
  uart.imsc = serial.waiting.empty() ? kReceiveInterrupts : kReceiveInterrupts | kTransmitted;
}

}  // namespace linnet::pl011
