// From reset to main: initialised data, zeroed data, constructors.
#include <cstdint>

#include "firmware/mcu/cortex_m/cpu.h"
#include "firmware/mcu/cortex_m/vectors.h"
#include "firmware/port.h"

extern "C" {

// From the linker script; only their addresses mean something.
extern const uint32_t linnet_vectors;
extern uint32_t linnet_data_start, linnet_data_end, linnet_data_load, linnet_bss_start, linnet_bss_end;
extern void (*linnet_init_start[])();
extern void (*linnet_init_end[])();

int main();

}  // extern "C"

void reset_handler() {
  linnet::cortex_m::enable_vectors();
  linnet::cortex_m::vtor() = reinterpret_cast<uint32_t>(&linnet_vectors);
  const uint32_t* from = &linnet_data_load;
  for (uint32_t* to = &linnet_data_start; to < &linnet_data_end;) *to++ = *from++;
  for (uint32_t* to = &linnet_bss_start; to < &linnet_bss_end;) *to++ = 0;
  for (auto constructor = linnet_init_start; constructor < linnet_init_end; constructor++) (*constructor)();
  main();
  fault_handler();
}

// Something that cannot be: start afresh, the host notices.
void fault_handler() { linnet::port::reset(); }
