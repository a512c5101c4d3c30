// What of firmware/port.h is an RP2040's own; the rest is cortex_m/port.cc.
#include "firmware/port.h"

#include "firmware/mcu/rp2040/clock.h"
#include "firmware/mcu/rp2040/registers.h"
#include "firmware/mcu/rp2040/uart.h"

namespace linnet::port {
namespace {

uint32_t core_hz;

}  // namespace

void init() {
  core_hz = rp2040::start_clocks();
  rp2040::start_uart(core_hz, LINNET_BAUD);
}

uint32_t ticks() { return rp2040::ticks(); }
uint32_t ticks_per_second() { return core_hz; }

// By the watchdog, which resets the whole chip; a core's own request would leave the peripherals as they are.
void reset() {
  constexpr uint32_t kAllButOscillators = 0x1fffc;
  constexpr uint32_t kTrigger = 1u << 31;
  cortex_m::disable_interrupts();
  rp2040::psm().wdsel = kAllButOscillators;
  rp2040::watchdog().scratch[4] = 0;  // the ROM boots from flash [RP2040 Datasheet, 2.8.1]
  rp2040::watchdog().ctrl = kTrigger;
  for (;;) cortex_m::wait_for_interrupt();
}

}  // namespace linnet::port
