#include "firmware/mcu/cortex_m/vectors.h"

#include "board.h"
#include "firmware/mcu/stm32f4/registers.h"
#include "firmware/mcu/stm32f4/uart.h"

namespace linnet::stm32f4 {
namespace {

constexpr auto make() {
  auto table = cortex_m::make_vectors<chip::kInterrupts>();
  table.interrupt[kUsart1Irq] = usart1_interrupt;
  return table;
}

[[gnu::section(".vectors"), gnu::used]] const auto vectors = make();

}  // namespace
}  // namespace linnet::stm32f4
