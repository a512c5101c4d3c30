// The serial line of a bare-metal board: queues both ways (port.cc), which the interrupt of a family's UART fills and
// empties.
#pragma once

#include <cstdint>

#include "firmware/limits.h"
#include "firmware/mcu/ring.h"

namespace linnet {

struct Serial {
  Ring<kReceiveBytes> received;
  Ring<kSendBytes> waiting;  // to be sent
  volatile uint32_t lost = 0;

  // From the interrupt: a byte that came, or one that the UART dropped.
  void take(uint8_t byte) {
    if (received.full())
      lose();
    else
      received.put(byte);
  }
  void lose() { lost = lost + 1; }
};

extern Serial serial;

// The family's: hands waiting bytes to the UART while it takes them; its interrupt goes on from there. Called with
// interrupts off, or from one.
void transmit();

}  // namespace linnet
