// What an nRF52840 needs beside its UART: crystal, cache, counter, an open debug port.
#pragma once

#include <cstdint>

namespace linnet::nrf52 {

// Chips of revision 3 lock their debug port at every reset until the firmware opens it. It stays as UICR says, which
// is what decides on older ones: locked for those who locked it, open for those who flash again.
void keep_debug_port();

// Starts the 32 MHz crystal, for the oscillator the chip wakes up with is too inexact for a UART, and the cache of
// flash. The core runs at 64 MHz in any case.
void start_system();

// Starts TIMER0, which counts at kTicksPerSecond over 32 bits, asleep too.
void start_ticks();
uint32_t ticks();
constexpr uint32_t kTicksPerSecond = 16'000'000;

}  // namespace linnet::nrf52
