#include "firmware/mcu/stm32f4/clock.h"

#include "board.h"
#include "firmware/mcu/stm32f4/registers.h"

namespace linnet::stm32f4 {
namespace {

constexpr uint32_t kInternalHz = 16'000'000;

// PLL: crystal / M = 1 MHz, · N, / P = the core's clock.
constexpr uint32_t kM = board::kCrystalHz / 1'000'000;
static_assert(board::kCrystalHz % 1'000'000 == 0 && kM >= 2 && kM <= 63, "crystal does not divide to 1 MHz");
static_assert(1'000'000 * chip::kPllN / chip::kPllP == chip::kCoreHz, "the PLL does not make the core's clock");

constexpr uint32_t kHseOn = 1u << 16, kHseReady = 1u << 17, kPllOn = 1u << 24, kPllReady = 1u << 25;  // CR
constexpr uint32_t kUseHse = 1u << 22;                                                                // PLLCFGR
constexpr uint32_t kSwitch = 3, kSwitchToPll = 2, kRunning = 3u << 2, kRunningOnPll = 2u << 2;        // CFGR
constexpr uint32_t kPrefetch = 1u << 8, kInstructionCache = 1u << 9, kDataCache = 1u << 10;           // ACR
constexpr uint32_t kVoltageReady = 1u << 14;                                                          // PWR_CSR
constexpr uint32_t kTim2Clock = 1u << 0, kPowerClock = 1u << 28;                                      // APB1ENR

// PPRE1 and PPRE2 of CFGR: 1, 2, 4, 8, 16 are 0, 4, 5, 6, 7.
constexpr uint32_t divide_bus(uint32_t by) {
  uint32_t code = 3;
  for (uint32_t i = by; i > 1; i /= 2) code++;
  return by == 1 ? 0 : code;
}
constexpr uint32_t kBuses = divide_bus(chip::kApb1Divide) << 10 | divide_bus(chip::kApb2Divide) << 13;

// A crystal takes a few milliseconds. Bounded, for there may be none, or no clock controller at all (QEMU).
bool wait_for(const Register& r, uint32_t mask, uint32_t value) {
  for (uint32_t i = 0; i < 100'000; i++)
    if ((r & mask) == value) return true;
  return false;
}

// What the chip wakes up with. It runs on the PLL if the bootloader in ROM has started us, and the PLL cannot be set
// while it runs.
void return_to_internal() {
  rcc().cfgr &= ~kSwitch;
  wait_for(rcc().cfgr, kRunning, 0);
  rcc().cr &= ~kPllOn;
  wait_for(rcc().cr, kPllReady, 0);
}

}  // namespace

Clocks start_clocks() {
  const Clocks internal = {kInternalHz, kInternalHz, kInternalHz};
  return_to_internal();
  rcc().cfgr = 0;
  rcc().apb1enr |= kPowerClock;
  rcc().cr |= kHseOn;
  if (!wait_for(rcc().cr, kHseReady, kHseReady)) return internal;
  power_cr() |= chip::kVoltageScale;  // takes effect with the PLL
  rcc().pllcfgr = kM | chip::kPllN << 6 | (chip::kPllP / 2 - 1) << 16 | kUseHse | chip::kPllQ << 24;
  rcc().cr |= kPllOn;
  if (!wait_for(rcc().cr, kPllReady, kPllReady)) return internal;
  if (!wait_for(power_csr(), kVoltageReady, kVoltageReady)) return internal;
  flash_acr() = chip::kFlashWaits | kPrefetch | kInstructionCache | kDataCache;  // before the clock rises
  rcc().cfgr = kBuses | kSwitchToPll;
  if (!wait_for(rcc().cfgr, kRunning, kRunningOnPll)) return internal;
  // Timers run at twice the clock of a bus that is divided.
  constexpr uint32_t kTimerHz = chip::kCoreHz / chip::kApb1Divide * (chip::kApb1Divide == 1 ? 1 : 2);
  return {chip::kCoreHz, chip::kCoreHz / chip::kApb2Divide, kTimerHz};
}

uint32_t start_ticks(const Clocks& clocks) {
  rcc().apb1enr |= kTim2Clock;
  tim2().psc = 0;
  tim2().arr = 0xffffffff;
  tim2().egr = 1;
  tim2().cr1 = 1;

  // A timer cannot outrun the core it belongs to, but QEMU's counts virtual nanoseconds, which are instructions
  // under -icount shift=0, while SysTick keeps the core's nominal clock.
  cortex_m::SysTick& systick = cortex_m::systick();
  systick.rvr = 0xffffff;
  systick.cvr = 0;
  systick.csr = 5;
  const uint32_t start = tim2().cnt;
  const uint32_t core_start = systick.cvr;
  while (tim2().cnt - start < 1000) {
  }
  const uint32_t ticks = tim2().cnt - start;
  const uint32_t core_ticks = (core_start - systick.cvr) & 0xffffff;
  systick.csr = 0;
  return ticks > 2 * core_ticks ? 1'000'000'000 : clocks.timer_hz;
}

}  // namespace linnet::stm32f4
