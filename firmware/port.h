// All that a board must offer. One implementation is linked in: firmware/mcu/<family>, the tests' own, …
// Nothing here is called from an interrupt.
#pragma once

#include <cstdint>

namespace linnet::port {

// Clocks, tick counter, serial line. Called first.
void init();

// Takes bytes that have arrived, at most `capacity`; returns how many. Never waits. Interrupts fill the buffer
// behind it, which holds at least one message with every byte escaped.
uint32_t read(uint8_t* to, uint32_t capacity);

// Bytes that arrived when that buffer was full, or too fast for the UART; since reset.
uint32_t lost_bytes();

// Sends bytes. Returns when they are queued, asleep while the queue is full. A board nobody listens to may drop them.
void write(const void* bytes, uint32_t size);

// Sleeps until something happens; returns at once if there are bytes to read. May return for no reason.
void wait();

// A counter that wraps at 2^32, and its rate.
uint32_t ticks();
uint32_t ticks_per_second();

[[noreturn]] void reset();

// Working memory of the model: state and scratch. 16-byte aligned.
struct Arena {
  uint8_t* data;
  uint32_t size;
};
Arena arena();

// Where a model image lies, if there is one, and how long it can be. 16-byte aligned.
struct Flash {
  const uint8_t* data;
  uint32_t size;
};
Flash image();

const char* board_name();

}  // namespace linnet::port
