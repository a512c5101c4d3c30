#include "firmware/mcu/cortex_m/vectors.h"

#include "firmware/mcu/rp2040/registers.h"
#include "firmware/mcu/rp2040/uart.h"

namespace linnet::rp2040 {
namespace {

constexpr auto make() {
  auto table = cortex_m::make_vectors<kInterrupts>();
  table.interrupt[kUart0Irq] = uart0_interrupt;
  return table;
}

[[gnu::section(".vectors"), gnu::used]] const auto vectors = make();

}  // namespace
}  // namespace linnet::rp2040
