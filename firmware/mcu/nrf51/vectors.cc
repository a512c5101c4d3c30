#include "firmware/mcu/cortex_m/vectors.h"

#include "firmware/mcu/nrf51/registers.h"
#include "firmware/mcu/nrf51/uart.h"

namespace linnet::nrf51 {
namespace {

constexpr uint32_t kInterrupts = 32;  // a Cortex-M0 has no more

// Early chips may wake up with the upper half of their RAM switched off (nRF51822, product anomaly 16). The stack is in
// the lower one.
void power_ram() {
  ramon() = ramon() | 3;
  reset_handler();
}

constexpr auto make() {
  auto table = cortex_m::make_vectors<kInterrupts>();
  table.exception[0] = power_ram;
  table.interrupt[kUart0Irq] = uart0_interrupt;
  return table;
}

// At 0, where the core looks for it: a Cortex-M0 knows no other place (it ignores the write to VTOR at start).
[[gnu::section(".vectors"), gnu::used]] const auto vectors = make();

}  // namespace
}  // namespace linnet::nrf51
