// What of firmware/port.h is the same on every Cortex-M; the rest is firmware/mcu/port.cc and the family's.
#include "firmware/port.h"

#include "firmware/mcu/cortex_m/cpu.h"
#include "firmware/mcu/interrupts.h"

namespace linnet {

void interrupts::disable() { cortex_m::disable_interrupts(); }
void interrupts::enable() { cortex_m::enable_interrupts(); }
void interrupts::wait() { cortex_m::wait_for_interrupt(); }

// A family with a more thorough way has its own.
[[gnu::weak]] void port::reset() {
  cortex_m::barrier();
  cortex_m::aircr() = 0x05FA0004;  // VECTKEY, SYSRESETREQ
  for (;;) cortex_m::wait_for_interrupt();
}

}  // namespace linnet
