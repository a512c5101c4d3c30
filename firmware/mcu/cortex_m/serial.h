// The serial line of a Cortex-M: queues both ways (port.cc), which the interrupt of a family's UART fills and empties.
#pragma once

#include <cstdint>

#include "firmware/mcu/ring.h"
#include "linnet/schema/link.h"

namespace linnet::cortex_m {

struct Serial {
  Ring<4096> received;
  Ring<1024> waiting;  // to be sent
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
static_assert(4096 >= 2 * (kMaxMessage + 4) + 2, "a message with every byte escaped");

extern Serial serial;

// The family's: hands waiting bytes to the UART while it takes them; its interrupt goes on from there. Called with
// interrupts off, or from one.
void transmit();

}  // namespace linnet::cortex_m
