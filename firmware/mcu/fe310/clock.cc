// SiFive FE310-G000 Manual, chapter 6 (clock generation) and 19 (SPI).
#include "firmware/mcu/fe310/clock.h"

#include "board.h"
#include "firmware/mcu/fe310/registers.h"

namespace linnet::fe310 {
namespace {

constexpr uint32_t kInternalHz = 13'800'000;  // the ring oscillator after reset, nominally
constexpr uint32_t kCoreHz = 256'000'000;     // the part may run at 320 MHz

// PLL: crystal / R = 8 MHz, · F = 512 MHz, / Q = 256 MHz.
constexpr uint32_t kR = 2, kF = 64, kQ = 2;
static_assert(board::kCrystalHz / kR >= 6'000'000 && board::kCrystalHz / kR <= 12'000'000, "reference out of range");
static_assert(board::kCrystalHz / kR * kF >= 384'000'000 && board::kCrystalHz / kR * kF <= 768'000'000, "VCO");
static_assert(board::kCrystalHz / kR * kF / kQ == kCoreHz, "not 256 MHz");
constexpr uint32_t kQCode = 1;  // 2^1
constexpr uint32_t kPllFactors = (kR - 1) | (kF / 2 - 1) << 4 | kQCode << 10;

constexpr uint32_t kEnable = 1u << 30, kReady = 1u << 31;                                              // HFXOSCCFG
constexpr uint32_t kSelect = 1u << 16, kFromCrystal = 1u << 17, kBypass = 1u << 18, kLock = 1u << 31;  // PLLCFG
constexpr uint32_t kDivideBy1 = 1u << 8;                                                               // PLLOUTDIV

// The flash's clock is the core's / 2 (div + 1).
constexpr uint32_t kFlashDiv = (kCoreHz + 2 * board::kFlashHz - 1) / (2 * board::kFlashHz) - 1;
static_assert(kCoreHz / (2 * (kFlashDiv + 1)) <= board::kFlashHz, "flash too fast");

// A crystal takes a few milliseconds. Bounded, for there may be none.
bool wait_for(const Register& r, uint32_t mask) {
  for (uint32_t i = 0; i < 100'000; i++)
    if ((r & mask) == mask) return true;
  return false;
}

// The lock bit means nothing for 100 µs, at a clock of at most 72 MHz.
void wait_100_us() {
  const uint32_t start = riscv::cycles();
  while (riscv::cycles() - start < 7200) {
  }
}

}  // namespace

uint32_t start_clocks() {
  prci().pllcfg = prci().pllcfg & ~kSelect;  // runs on the ring oscillator from here, whatever it did
  prci().hfxosccfg = prci().hfxosccfg | kEnable;
  if (!wait_for(prci().hfxosccfg, kReady)) return kInternalHz;
  prci().plloutdiv = kDivideBy1;
  prci().pllcfg = kPllFactors | kFromCrystal | kBypass;
  prci().pllcfg = kPllFactors | kFromCrystal;
  wait_100_us();
  if (!wait_for(prci().pllcfg, kLock)) return kInternalHz;
  qspi0_sckdiv() = kFlashDiv;  // before the clock rises
  prci().pllcfg = kPllFactors | kFromCrystal | kSelect;
  return kCoreHz;
}

}  // namespace linnet::fe310
