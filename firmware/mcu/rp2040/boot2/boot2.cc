// The second stage of the RP2040's bootloader (RP2040 Datasheet, 2.8.1.3). The ROM reads 256 bytes from the start of
// flash in the slowest way there is, checks their CRC, copies them to the end of RAM and calls them. What they have to
// do is to make flash readable in a fast way. The firmware calls them again, from a copy of its own, after the ROM has
// written flash (flash_rom.cc). So: at any address, 252 bytes at most, no data but constants.
//
// Flash is a W25Q16JV (Winbond) or any that knows its commands: EBh, fast read on four lines. With "continuous read"
// the command is sent once for all, so 8 bytes, a line of the cache, take 28 clocks at half the core's rate; the
// generic read, 03h, takes 96.
#include <cstdint>

#include "firmware/mcu/rp2040/registers.h"

namespace linnet::rp2040 {
namespace {

constexpr uint8_t kWriteStatus = 0x01, kReadStatus1 = 0x05, kWriteEnable = 0x06, kReadStatus2 = 0x35;
constexpr uint8_t kFastReadQuad = 0xEB, kStayInIt = 0xA0;  // the mode bits M5-4 = 10: no command next time
constexpr uint32_t kStatus1Busy = 1u << 0, kStatus2QuadEnable = 1u << 1;

constexpr uint32_t kBusy = 1u << 0, kTransmitEmpty = 1u << 2;  // SR
constexpr uint32_t k8BitFrames = 7u << 16, k32BitFrames = 31u << 16, kQuadFrames = 2u << 21,
                   kReadAfterAddress = 3u << 8;                             // CTRLR0
constexpr uint32_t kAddressAndMode = 8u << 2;                               // SPI_CTRLR0: 32 bits, in units of 4
constexpr uint32_t kWait4 = 4u << 11, kCommand8Bits = 2u << 8;              // … clocks before data; no command: 0
constexpr uint32_t kCommandOnOneLine = 1u << 0, kAllOnFourLines = 2u << 0;  // … the rest of it on four
constexpr uint32_t kFixedCommandShift = 24;                                 // … sent after each address
constexpr uint32_t kPad8mAFast = 2u << 4 | 1u << 0, kPadSchmitt = 1u << 1;

inline void wait_until_sent() {
  uint32_t status;
  do {
    status = ssi().sr;
  } while ((status & kTransmitEmpty) == 0 || (status & kBusy) != 0);
}

// A command of one byte, and the byte that comes back for the one sent after it.
[[gnu::noinline]] uint32_t ask(uint32_t command) {
  ssi().dr0 = command;
  ssi().dr0 = command;  // any byte; time for the answer
  wait_until_sent();
  (void)ssi().dr0;
  return ssi().dr0;
}

inline void allow_quad() {
  if ((ask(kReadStatus2) & kStatus2QuadEnable) != 0) return;
  ssi().dr0 = kWriteEnable;
  wait_until_sent();
  (void)ssi().dr0;
  ssi().dr0 = kWriteStatus;
  ssi().dr0 = 0;
  ssi().dr0 = kStatus2QuadEnable;  // status 2 follows status 1; it lasts, so this happens once in a chip's life
  wait_until_sent();
  for (uint32_t i = 0; i < 3; i++) (void)ssi().dr0;
  while ((ask(kReadStatus1) & kStatus1Busy) != 0) {
  }
}

// Keeps the compiler from spelling out the address of each register, 4 bytes each.
template <typename T>
T& whole(T& block) {
  T* address = &block;
  asm("" : "+r"(address));
  return *address;
}

inline void set_pads() {
  QspiPads& pads = whole(qspi_pads());
  pads.sclk = kPad8mAFast;
  const uint32_t data = pads.sd[0] & ~kPadSchmitt;  // its delay is too much for this rate
  for (auto& pad : pads.sd) pad = data;
}

}  // namespace

// Flash can be read at kFlash when it returns.
extern "C" [[gnu::used]] void linnet_boot2_start_xip() {
  set_pads();
  ssi().ssienr = 0;
  ssi().baudr = 2;
  ssi().rx_sample_dly = 1;
  ssi().ctrlr0 = k8BitFrames;
  ssi().ssienr = 1;
  allow_quad();

  ssi().ssienr = 0;
  ssi().ctrlr0 = kQuadFrames | k32BitFrames | kReadAfterAddress;
  ssi().ctrlr1 = 0;  // one frame
  ssi().spi_ctrlr0 = kAddressAndMode | kWait4 | kCommand8Bits | kCommandOnOneLine;
  ssi().ssienr = 1;
  ssi().dr0 = kFastReadQuad;
  ssi().dr0 = kStayInIt;  // of address 0
  wait_until_sent();

  ssi().ssienr = 0;
  ssi().spi_ctrlr0 = uint32_t{kStayInIt} << kFixedCommandShift | kAddressAndMode | kWait4 | kAllOnFourLines;
  ssi().ssienr = 1;
}

// Returns to its caller; the ROM's call, which has no return address, ends in the firmware behind boot2.
extern "C" [[gnu::naked, gnu::used, gnu::section(".boot2.entry")]] void linnet_boot2_entry() {
  asm volatile(
      "push {r4, lr}\n"
      "bl linnet_boot2_start_xip\n"
      "pop {r0, r1}\n"
      "cmp r1, #0\n"
      "bne 1f\n"
      "ldr r0, =0x10000100\n"  // kFlash + kBoot2Bytes: the vectors
      "ldr r1, =0xE000ED08\n"  // VTOR
      "str r0, [r1]\n"
      "ldmia r0!, {r1, r2}\n"
      "msr msp, r1\n"
      "bx r2\n"
      "1: bx r1\n"
      ".ltorg\n");
}
static_assert(kFlash + kBoot2Bytes == 0x10000100, "as written above");

}  // namespace linnet::rp2040
