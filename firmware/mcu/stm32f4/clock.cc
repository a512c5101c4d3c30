#include "firmware/mcu/stm32f4/clock.h"

#include "board.h"
#include "firmware/mcu/stm32f4/registers.h"

namespace linnet::stm32f4 {
namespace {

constexpr uint32_t kInternalHz = 16'000'000;
constexpr uint32_t kCoreHz = 168'000'000;

// PLL: crystal / M = 1 MHz, · N = 336 MHz, / P = 168 MHz, / Q = 48 MHz (USB's; unused).
constexpr uint32_t kM = board::kCrystalHz / 1'000'000, kN = 336, kP = 2, kQ = 7;
static_assert(board::kCrystalHz % 1'000'000 == 0 && kM >= 2 && kM <= 63, "crystal does not divide to 1 MHz");
static_assert(board::kCrystalHz / kM * kN / kP == kCoreHz, "not 168 MHz");

constexpr uint32_t kHseOn = 1u << 16, kHseReady = 1u << 17, kPllOn = 1u << 24, kPllReady = 1u << 25;
constexpr uint32_t kUseHse = 1u << 22;
constexpr uint32_t kSwitchToPll = 2, kRunningOnPll = 2u << 2;
constexpr uint32_t kApb1By4 = 5u << 10, kApb2By2 = 4u << 13;
constexpr uint32_t kFlashWaits5 = 5, kPrefetch = 1u << 8, kInstructionCache = 1u << 9, kDataCache = 1u << 10;
constexpr uint32_t kTim2Clock = 1u << 0;

// A crystal takes a few milliseconds. Bounded, for there may be none, or no clock controller at all (QEMU).
bool wait_for(const Register& r, uint32_t mask, uint32_t value) {
  for (uint32_t i = 0; i < 100'000; i++)
    if ((r & mask) == value) return true;
  return false;
}

}  // namespace

Clocks start_clocks() {
  const Clocks internal = {kInternalHz, kInternalHz, kInternalHz};
  rcc().cr |= kHseOn;
  if (!wait_for(rcc().cr, kHseReady, kHseReady)) return internal;
  rcc().pllcfgr = kM | kN << 6 | (kP / 2 - 1) << 16 | kUseHse | kQ << 24;
  rcc().cr |= kPllOn;
  if (!wait_for(rcc().cr, kPllReady, kPllReady)) return internal;
  flash_acr() = kFlashWaits5 | kPrefetch | kInstructionCache | kDataCache;  // before the clock rises
  rcc().cfgr = kApb1By4 | kApb2By2 | kSwitchToPll;
  if (!wait_for(rcc().cfgr, 3u << 2, kRunningOnPll)) return internal;
  return {kCoreHz, kCoreHz / 2, kCoreHz / 2};  // timers of APB1 run at twice its 42 MHz
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
