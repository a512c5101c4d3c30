// The vector table. A family makes its own, once, with the interrupts it uses:
//
//   constexpr auto make() {
//     auto table = cortex_m::make_vectors<kInterrupts>();
//     table.interrupt[kUartIrq] = uart_interrupt;
//     return table;
//   }
//   [[gnu::section(".vectors"), gnu::used]] const auto vectors = make();
#pragma once

#include <cstdint>

extern "C" {

extern uint32_t linnet_stack_top;  // from the linker script; only its address means something
[[noreturn]] void reset_handler();
[[noreturn]] void fault_handler();

}  // extern "C"

namespace linnet::cortex_m {

constexpr uint32_t kExceptions = 15;  // reset, faults, system calls

template <uint32_t kInterrupts>
struct VectorTable {
  uint32_t* stack_top;
  void (*exception[kExceptions])();
  void (*interrupt[kInterrupts])();
};

template <uint32_t kInterrupts>
constexpr VectorTable<kInterrupts> make_vectors() {
  VectorTable<kInterrupts> table = {&linnet_stack_top, {}, {}};
  for (auto& handler : table.exception) handler = fault_handler;
  for (auto& handler : table.interrupt) handler = fault_handler;  // what the family does not use is never enabled
  table.exception[0] = reset_handler;
  return table;
}

}  // namespace linnet::cortex_m
