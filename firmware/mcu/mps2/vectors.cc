#include "firmware/mcu/cortex_m/vectors.h"

#include "firmware/mcu/mps2/registers.h"
#include "firmware/mcu/mps2/uart.h"

namespace linnet::mps2 {
namespace {

constexpr auto make() {
  auto table = cortex_m::make_vectors<board::kInterrupts>();
  table.interrupt[board::kUart0ReceiveIrq] = uart0_interrupt;
  table.interrupt[board::kUart0TransmitIrq] = uart0_interrupt;
  return table;
}

[[gnu::section(".vectors"), gnu::used]] const auto vectors = make();

}  // namespace
}  // namespace linnet::mps2
