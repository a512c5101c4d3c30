// The crystal, and the tick counter.
#pragma once

#include <cstdint>

namespace linnet::nrf51 {

// Starts the 16 MHz crystal: the oscillator the chip wakes up with is too inexact for a UART.
void start_clock();

// Starts TIMER0 and finds out what its counts are: cycles of the core, or an emulator's.
void start_ticks();

// Wraps at 2^32.
uint32_t ticks();
uint32_t ticks_per_second();

}  // namespace linnet::nrf51
