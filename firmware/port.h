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

// Where the live model image lies, if there is one, and how long it can be. 16-byte aligned. Only commit_upload()
// changes it.
struct Flash {
  const uint8_t* data;
  uint32_t size;
};
Flash image();

// Memory for one more image, which an upload fills while the live one goes on working (app/upload.h).
struct UploadSlot {
  const uint8_t* data;  // 16-byte aligned; there from begin_upload() on
  uint32_t size;        // 0: this board takes no uploads, and nothing below is called
  bool lasts;           // a committed image outlives reset and power
  bool deaf;            // bytes from the line may be lost while begin_upload() or write_upload() runs
};
UploadSlot upload_slot();

// An upload of `size` bytes, at most the slot's, starts: what the slot held is no longer wanted. Also in the middle of
// another. Returns within a second: flash is better erased as it is written. False: the memory does not work.
bool begin_upload(uint32_t size);

// The next bytes: `offset` is where the last call ended, 0 at first, and offset + size at most begin_upload()'s. The
// port may gather them to pages, but after the last byte of the upload all of it can be read from the slot. False: the
// memory does not work, and the upload is over.
bool write_upload(uint32_t offset, const uint8_t* bytes, uint32_t size);

// Makes what lies in the slot, `size` bytes with this hash, the live image; called once it was read back and is good.
// Afterwards image() is the new one, and the slot is other memory. Atomic: after a reset at any moment image() is the
// old one or the new one, whole. False: it is still the old one.
bool commit_upload(uint32_t size, const uint8_t sha256[32]);

const char* board_name();

}  // namespace linnet::port
