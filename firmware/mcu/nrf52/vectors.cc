#include "firmware/mcu/cortex_m/vectors.h"

#include "firmware/mcu/nrf51/registers.h"
#include "firmware/mcu/nrf51/uart.h"

namespace linnet::nrf52 {
namespace {

constexpr uint32_t kInterrupts = 48;  // nRF52840 Product Specification, 4.2.3 (peripheral ids)

constexpr auto make() {
  auto table = cortex_m::make_vectors<kInterrupts>();
  table.interrupt[nrf51::kUart0Irq] = nrf51::uart0_interrupt;
  return table;
}

[[gnu::section(".vectors"), gnu::used]] const auto vectors = make();

}  // namespace
}  // namespace linnet::nrf52
