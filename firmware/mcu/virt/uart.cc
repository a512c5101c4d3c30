#include "firmware/mcu/virt/uart.h"

#include "firmware/mcu/riscv/cpu.h"
#include "firmware/mcu/riscv/trap.h"
#include "firmware/mcu/serial.h"

namespace linnet {
namespace virt {
namespace {

// PC16550D (Texas Instruments SNLS378), 8.0: byte-wide registers.
struct Uart {
  volatile uint8_t data, ier, iir_fcr, lcr, mcr, lsr, msr, scr;
};
Uart& uart() { return riscv::at<Uart>(0x10000000); }
constexpr uint32_t kUartIrq = 10;  // QEMU, hw/riscv/virt.c
constexpr uint32_t kFifoBytes = 16;

constexpr uint8_t kReceiveInterrupt = 1u << 0, kTransmitInterrupt = 1u << 1;     // IER
constexpr uint8_t kFifos = 1u << 0, kClearFifos = 3u << 1, kReceiveTrigger = 0;  // FCR; interrupts from one byte up
constexpr uint8_t kEightBits = 3;                                                // LCR: 8N1
constexpr uint8_t kReceived = 1u << 0, kOverrun = 1u << 1, kTransmitEmpty = 1u << 5;  // LSR

}  // namespace

void start_uart() {
  uart().ier = 0;
  uart().lcr = kEightBits;
  uart().iir_fcr = kFifos | kClearFifos | kReceiveTrigger;
  uart().ier = kReceiveInterrupt;
  riscv::enable_interrupt(kUartIrq);
}

}  // namespace virt

void riscv::uart_interrupt() {
  static_cast<void>(virt::uart().iir_fcr);  // takes back the transmit interrupt
  for (uint8_t status; ((status = virt::uart().lsr) & (virt::kReceived | virt::kOverrun)) != 0;) {
    if ((status & virt::kOverrun) != 0) serial.lose();  // reading LSR has cleared it
    if ((status & virt::kReceived) != 0) serial.take(virt::uart().data);
  }
  transmit();
}

void transmit() {
  virt::Uart& uart = virt::uart();
  if ((uart.lsr & virt::kTransmitEmpty) != 0)
    for (uint32_t i = 0; i < virt::kFifoBytes && !serial.waiting.empty(); i++) uart.data = serial.waiting.take();
  uart.ier = serial.waiting.empty() ? virt::kReceiveInterrupt : virt::kReceiveInterrupt | virt::kTransmitInterrupt;
}

}  // namespace linnet
