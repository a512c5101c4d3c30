// What firmware/mcu/port.cc needs of a RISC-V core.
#include "firmware/mcu/interrupts.h"
#include "firmware/mcu/riscv/cpu.h"

namespace linnet {

void interrupts::disable() { riscv::disable_interrupts(); }
void interrupts::enable() { riscv::enable_interrupts(); }
void interrupts::wait() { riscv::wait_for_interrupt(); }

}  // namespace linnet
