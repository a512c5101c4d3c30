// From reset to main: vector table, initialised data, constructors.
#include <cstdint>

#include "firmware/mcu/stm32f4/registers.h"
#include "firmware/port.h"

extern "C" {

// From the linker script; only their addresses mean something.
extern uint32_t linnet_data_start, linnet_data_end, linnet_data_load, linnet_bss_start, linnet_bss_end;
extern uint32_t linnet_stack_top;
extern void (*linnet_init_start[])();
extern void (*linnet_init_end[])();

int main();
void usart1_interrupt();

[[noreturn]] void reset_handler();
[[noreturn]] void fault_handler();

}  // extern "C"

namespace {

constexpr uint32_t kExceptions = 16, kInterrupts = 82;  // STM32F405: RM0090, table 61

struct VectorTable {
  uint32_t* stack_top;
  void (*handler[kExceptions - 1 + kInterrupts])();
};

constexpr VectorTable make_vectors() {
  VectorTable table = {&linnet_stack_top, {}};
  for (auto& handler : table.handler) handler = fault_handler;  // nothing else is ever enabled
  table.handler[0] = reset_handler;
  table.handler[kExceptions - 1 + linnet::stm32f4::kUsart1Irq] = usart1_interrupt;
  return table;
}

[[gnu::section(".vectors"), gnu::used]] const VectorTable vectors = make_vectors();

}  // namespace

void reset_handler() {
  linnet::stm32f4::scb_vtor() = reinterpret_cast<uint32_t>(&vectors);
  const uint32_t* from = &linnet_data_load;
  for (uint32_t* to = &linnet_data_start; to < &linnet_data_end;) *to++ = *from++;
  for (uint32_t* to = &linnet_bss_start; to < &linnet_bss_end;) *to++ = 0;
  for (auto constructor = linnet_init_start; constructor < linnet_init_end; constructor++) (*constructor)();
  main();
  fault_handler();
}

// Something that cannot be: start afresh, the host notices.
void fault_handler() { linnet::port::reset(); }
