// [RP2350 Datasheet, 8]. Flash goes on being read as the ROM has set it up, at a third of the core's clock [5.2].
#include "firmware/mcu/rp2350/clock.h"

#include "board.h"
#include "firmware/mcu/rp2350/registers.h"

namespace linnet::rp2350 {
namespace {

constexpr uint32_t kRingHz = 11'000'000;
constexpr uint32_t kCrystalMHz = board::kCrystalHz / 1'000'000;
constexpr uint32_t kCoreMHz = 150;

// PLL: crystal · 125 = 1500 MHz, / 5 / 2 = 150 MHz [8.6.3].
constexpr uint32_t kMultiply = 125, kDivide1 = 5, kDivide2 = 2;
static_assert(board::kCrystalHz % 1'000'000 == 0 && kCrystalMHz <= 15, "the range set for the oscillator");
static_assert(kCrystalMHz * kMultiply >= 750 && kCrystalMHz * kMultiply <= 1600, "outside the VCO's range");
static_assert(kCrystalMHz * kMultiply / kDivide1 / kDivide2 == kCoreMHz, "not 150 MHz");

constexpr uint32_t kSysFromRef = 0, kSysFromPll = 1;  // CLK_SYS_CTRL: aux source 0 is PLL_SYS
constexpr uint32_t kRefFromRing = 0, kRefFromCrystal = 2;
constexpr uint32_t kDivideBy1 = 1u << 16;
constexpr uint32_t kPeriEnable = 1u << 11;  // aux source 0: the core's clock
constexpr uint32_t kXoscEnable = 0xfabu << 12, kXosc1To15MHz = 0xaa0, kXoscStable = 1u << 31;
constexpr uint32_t kPllLocked = 1u << 31, kPllPowerDown = 1u << 0, kPllDividersPowerDown = 1u << 3,
                   kPllVcoPowerDown = 1u << 5;
constexpr uint32_t kCountSysClock = 1;  // TIMER SOURCE

// What is waited for takes a millisecond or so. Bounded, for it may never come.
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
  xosc().startup = (board::kCrystalHz / 1000 + 255) / 256;  // 1 ms, in 256 cycles [8.2.4]
  xosc().ctrl = kXoscEnable | kXosc1To15MHz;
  return wait_for(xosc().status, kXoscStable);
}

bool start_pll() {
  reset_blocks(kResetPllSys);
  pll_sys().cs = 1;  // the crystal, undivided
  pll_sys().fbdiv = kMultiply;
  clear_bits(pll_sys().pwr, kPllPowerDown | kPllVcoPowerDown);
  if (!wait_for(pll_sys().cs, kPllLocked)) return false;
  pll_sys().prim = kDivide1 << 16 | kDivide2 << 12;
  clear_bits(pll_sys().pwr, kPllDividersPowerDown);
  return true;
}

uint32_t choose_clock() {
  // From what runs in any case: whoever ran before may have left the core on the PLL that is about to be set.
  switch_to(clocks().sys, kSysFromRef);
  switch_to(clocks().ref, kRefFromRing);
  clocks().sys.div = kDivideBy1;
  clocks().ref.div = kDivideBy1;
  if (!start_crystal() || !switch_to(clocks().ref, kRefFromCrystal)) return kRingHz;
  if (!start_pll() || !switch_to(clocks().sys, kSysFromPll)) return board::kCrystalHz;
  return kCoreMHz * 1'000'000;
}

}  // namespace

uint32_t start_clocks() {
  const uint32_t core_hz = choose_clock();
  clocks().peri.div = kDivideBy1;
  clocks().peri.ctrl = kPeriEnable;
  return core_hz;
}

void start_ticks() {
  reset_blocks(kResetTimer0);
  timer0().source = kCountSysClock;
}

uint32_t ticks() { return timer0().timerawl; }

}  // namespace linnet::rp2350
