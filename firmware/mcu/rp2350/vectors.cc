// The start of flash: vectors, and behind them the block that the ROM looks for in the first 4 KB.
#include "firmware/mcu/cortex_m/vectors.h"

#include "firmware/mcu/rp2350/registers.h"
#include "firmware/mcu/rp2350/uart.h"

namespace linnet::rp2350 {
namespace {

// The smallest there is, an image definition: a program for the Arm cores in secure state, entered through the vectors
// at the start of the image [RP2350 Datasheet, 5.9.5]. It is the only block of its loop.
struct ImageDefinition {
  uint32_t start = 0xffffded3;
  uint32_t image_type = 0x10210142;  // item 0x42, 1 word: executable 1, secure 2 << 4, Arm 0 << 8, RP2350 1 << 12
  uint32_t last = 0x000001ff;        // items before this one: 1 word
  uint32_t to_next_block = 0;
  uint32_t end = 0xab123579;
};

struct Start {
  cortex_m::VectorTable<kInterrupts> vectors;
  ImageDefinition definition;
};

constexpr auto make() {
  Start start = {cortex_m::make_vectors<kInterrupts>(), {}};
  start.vectors.interrupt[kUart0Irq] = uart0_interrupt;
  return start;
}

[[gnu::section(".vectors"), gnu::used]] const auto start = make();

}  // namespace
}  // namespace linnet::rp2350
