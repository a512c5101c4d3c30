#include "firmware/mcu/cortex_m/vectors.h"

#include "firmware/mcu/stm32h7/registers.h"
#include "firmware/mcu/stm32h7/uart.h"

namespace linnet::stm32h7 {
namespace {

constexpr auto make() {
  auto table = cortex_m::make_vectors<kInterrupts>();
  table.interrupt[kUsart3Irq] = usart3_interrupt;
  return table;
}

[[gnu::section(".vectors"), gnu::used]] const auto vectors = make();

}  // namespace
}  // namespace linnet::stm32h7
