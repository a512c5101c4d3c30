// From reset to main: stack, traps, initialised data, zeroed data, constructors.
#include <cstdint>

extern "C" {

// From the linker script; only their addresses mean something.
extern uint32_t linnet_data_start, linnet_data_end, linnet_data_load, linnet_bss_start, linnet_bss_end;
extern void (*linnet_init_start[])();
extern void (*linnet_init_end[])();

int main();
[[noreturn]] void fault_handler();

// Also where port::reset() goes on a part that cannot reset itself: interrupts off, whatever was before.
[[gnu::naked, gnu::section(".reset"), gnu::used]] void reset_handler() {
  asm volatile(
      "csrci mstatus, 8\n"
      "csrw mie, zero\n"
      "la sp, linnet_stack_top\n"
      "la t0, trap_handler\n"
      "csrw mtvec, t0\n"  // direct mode
      "j start\n");
}

[[gnu::used]] void start() {
  const uint32_t* from = &linnet_data_load;
  for (uint32_t* to = &linnet_data_start; to < &linnet_data_end;) *to++ = *from++;
  for (uint32_t* to = &linnet_bss_start; to < &linnet_bss_end;) *to++ = 0;
  for (auto constructor = linnet_init_start; constructor < linnet_init_end; constructor++) (*constructor)();
  main();
  fault_handler();
}

}  // extern "C"
