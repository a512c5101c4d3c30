#include "firmware/mcu/rp2040/clock.h"

#include "board.h"
#include "firmware/mcu/rp2040/registers.h"

namespace linnet::rp2040 {
namespace {

constexpr uint32_t kRingMHz = 6;
constexpr uint32_t kCrystalMHz = board::kCrystalHz / 1'000'000;
constexpr uint32_t kCoreMHz = 125;

// PLL: crystal · 125 = 1500 MHz, / 6 / 2 = 125 MHz [2.18.2].
constexpr uint32_t kMultiply = 125, kDivide1 = 6, kDivide2 = 2;
static_assert(board::kCrystalHz % 1'000'000 == 0 && kCrystalMHz <= 15, "the oscillator takes 1 to 15 MHz");
static_assert(kCrystalMHz * kMultiply >= 750 && kCrystalMHz * kMultiply <= 1600, "outside the VCO's range");
static_assert(kCrystalMHz * kMultiply / kDivide1 / kDivide2 == kCoreMHz, "not 125 MHz");

constexpr uint32_t kSysFromRef = 0, kSysFromPll = 1;  // CLK_SYS_CTRL: aux source 0 is PLL_SYS
constexpr uint32_t kRefFromRing = 0, kRefFromCrystal = 2;
constexpr uint32_t kDivideBy1 = 1u << 8;
constexpr uint32_t kPeriEnable = 1u << 11;  // aux source 0: the core's clock
constexpr uint32_t kXoscEnable = 0xfabu << 12, kXosc1To15MHz = 0xaa0, kXoscStable = 1u << 31;
constexpr uint32_t kPllLocked = 1u << 31, kPllPowerDown = 1u << 0, kPllDividersPowerDown = 1u << 3,
                   kPllVcoPowerDown = 1u << 5;
constexpr uint32_t kTickEnable = 1u << 9;

uint32_t ticks_per_microsecond;

// What is waited for takes a millisecond at most. Bounded, for it may never come.
bool wait_for(const Register& r, uint32_t mask) {
  for (uint32_t i = 0; i < 100'000; i++)
    if ((r & mask) == mask) return true;
  return false;
}

bool switch_to(Clock& clock, uint32_t source) {
  clock.ctrl = source;
  return wait_for(clock.selected, 1u << source);
}

bool start_crystal() {
  // Counts 256 crystal cycles each: 1 ms, as long as the Pico's crystal may take [2.16.3].
  constexpr uint32_t kStartup = (board::kCrystalHz / 1000 + 255) / 256;
  xosc().startup = kStartup;
  xosc().ctrl = kXoscEnable | kXosc1To15MHz;
  return wait_for(xosc().status, kXoscStable);
}

bool start_pll() {
  set_bits(resets().reset, kResetPllSys);
  clear_bits(resets().reset, kResetPllSys);
  if (!wait_for(resets().done, kResetPllSys)) return false;
  pll_sys().cs = 1;  // the crystal, undivided
  pll_sys().fbdiv = kMultiply;
  clear_bits(pll_sys().pwr, kPllPowerDown | kPllVcoPowerDown);
  if (!wait_for(pll_sys().cs, kPllLocked)) return false;
  pll_sys().prim = kDivide1 << 16 | kDivide2 << 12;
  clear_bits(pll_sys().pwr, kPllDividersPowerDown);
  return true;
}

// The core's clock, MHz.
uint32_t choose_clock() {
  // From what runs in any case: whoever ran before may have left the core on the PLL that is about to be set.
  switch_to(clocks().sys, kSysFromRef);
  switch_to(clocks().ref, kRefFromRing);
  clocks().sys.div = kDivideBy1;
  clocks().ref.div = kDivideBy1;
  if (!start_crystal() || !switch_to(clocks().ref, kRefFromCrystal)) return kRingMHz;
  if (!start_pll() || !switch_to(clocks().sys, kSysFromPll)) return kCrystalMHz;
  return kCoreMHz;
}

}  // namespace

uint32_t start_clocks() {
  const uint32_t core_mhz = choose_clock();
  clocks().peri.ctrl = kPeriEnable;
  // The timer counts what the watchdog makes of the reference clock: microseconds [4.7.2].
  watchdog().tick = kTickEnable | (core_mhz == kRingMHz ? kRingMHz : kCrystalMHz);
  clear_bits(resets().reset, kResetTimer);
  wait_for(resets().done, kResetTimer);
  ticks_per_microsecond = core_mhz;
  return core_mhz * 1'000'000;
}

// A product modulo 2^32 of a count modulo 2^32: it wraps where the cycles would.
uint32_t ticks() { return timer().timerawl * ticks_per_microsecond; }

}  // namespace linnet::rp2040
