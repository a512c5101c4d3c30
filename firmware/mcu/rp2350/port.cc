// What of firmware/port.h is an RP2350's own; the rest is cortex_m/port.cc.
#include "firmware/port.h"

#include "firmware/mcu/rp2350/clock.h"
#include "firmware/mcu/rp2350/registers.h"
#include "firmware/mcu/rp2350/uart.h"

namespace linnet::port {
namespace {

uint32_t core_hz;

}  // namespace

void init() {
  core_hz = rp2350::start_clocks();
  rp2350::start_ticks();
  rp2350::start_uart(core_hz, LINNET_BAUD);
}

uint32_t ticks() { return rp2350::ticks(); }
uint32_t ticks_per_second() { return core_hz; }

// By the watchdog, which resets the whole chip; a core's own request would leave the peripherals as they are.
void reset() {
  constexpr uint32_t kAllButOscillators = 0x1fffff3;  // [7.4]
  constexpr uint32_t kTrigger = 1u << 31;
  cortex_m::disable_interrupts();
  rp2350::psm().wdsel = kAllButOscillators;
  rp2350::watchdog().scratch[4] = 0;  // no vector to boot from: the ROM boots from flash [5.2]
  rp2350::watchdog().ctrl = kTrigger;
  for (;;) cortex_m::wait_for_interrupt();
}

}  // namespace linnet::port
