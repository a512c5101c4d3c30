#include "firmware/mcu/cortex_m/vectors.h"

#include "firmware/mcu/stm32f4/registers.h"
#include "firmware/mcu/stm32f4/uart.h"

namespace linnet::stm32f4 {
namespace {

constexpr uint32_t kInterrupts = 82;  // STM32F405: RM0090, table 61

constexpr auto make() {
  auto table = cortex_m::make_vectors<kInterrupts>();
  table.interrupt[kUsart1Irq] = usart1_interrupt;
  return table;
}

[[gnu::section(".vectors"), gnu::used]] const auto vectors = make();

}  // namespace
}  // namespace linnet::stm32f4
