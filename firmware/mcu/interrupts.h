// What port.cc needs of a processor: cortex_m/port.cc, riscv/port.cc.
#pragma once

namespace linnet::interrupts {

void disable();
void enable();
// Sleeps until an interrupt is pending, also while they are disabled: so what was checked before cannot be missed.
void wait();

}  // namespace linnet::interrupts
