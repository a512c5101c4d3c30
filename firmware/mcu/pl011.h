// An Arm PL011 with its queues on (Arm DDI 0183), worked by its interrupt, as the serial line (serial.h).
#pragma once

#include <cstdint>

namespace linnet::pl011 {

using Register = volatile uint32_t;

struct Uart {
  Register dr, rsr, reserved0[4], fr, reserved1, ilpr, ibrd, fbrd, lcr, cr, ifls, imsc, ris, mis, icr;
};
static_assert(sizeof(Uart) == 0x48);

// 8 data bits, no parity. `clock_hz`: UARTCLK, at most 1 GHz. The family enables the interrupt.
void start(Uart& uart, uint32_t clock_hz, uint32_t baud);

// Its interrupt: takes what has come. The family's interrupt then goes on with transmit().
void receive(Uart& uart);

// Hands over what waits to be sent, while the queue takes it. With interrupts off, or from one.
void transmit(Uart& uart);

}  // namespace linnet::pl011
