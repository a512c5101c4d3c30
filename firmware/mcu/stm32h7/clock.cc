#include "firmware/mcu/stm32h7/clock.h"

#include "board.h"
#include "firmware/mcu/stm32h7/registers.h"

namespace linnet::stm32h7 {
namespace {

constexpr uint32_t kInternalHz = 64'000'000;
constexpr uint32_t kCoreHz = 400'000'000;

// PLL 1: source / M = 2 MHz, · N = 800 MHz, / P = 400 MHz. Buses run at half and a quarter of it (8.5.6).
constexpr uint32_t kPllInHz = 2'000'000, kN = 400, kP = 2;
static_assert(kPllInHz * kN / kP == kCoreHz && kPllInHz * kN <= 836'000'000, "the PLL");
static_assert(board::kExternalHz % kPllInHz == 0 && board::kExternalHz / kPllInHz <= 63, "does not divide to 2 MHz");
constexpr uint32_t kApb1Hz = kCoreHz / 4, kTimerHz = kCoreHz / 2;  // timers run at twice the clock of a divided bus

constexpr uint32_t kHsiOn = 1u << 0, kHsiReady = 1u << 2, kHseOn = 1u << 16, kHseReady = 1u << 17,
                   kHseBypass = 1u << 18, kPllOn = 1u << 24, kPllReady = 1u << 25;              // RCC_CR
constexpr uint32_t kSwitch = 7, kSwitchToPll = 3, kRunning = 7u << 3, kRunningOnPll = 3u << 3;  // CFGR
constexpr uint32_t kCoreBy1BusesBy2 = 8, kApb3By2 = 4u << 4;                                    // D1CFGR
constexpr uint32_t kApb1By2 = 4u << 4, kApb2By2 = 4u << 8;                                      // D2CFGR
constexpr uint32_t kApb4By2 = 4u << 4;                                                          // D3CFGR
constexpr uint32_t kFromHsi = 0, kFromHse = 2;                                                  // PLLCKSELR
constexpr uint32_t kInput2To4MHz = 1u << 2, kOutputP = 1u << 16;  // PLLCFGR; VCO: wide range
constexpr uint32_t kLdoOnly = 1u << 1;                            // PWR_CR3
constexpr uint32_t kSupplyReady = 1u << 13;                       // PWR_CSR1
constexpr uint32_t kScale1 = 3u << 14, kScaleReady = 1u << 13;    // PWR_D3CR
constexpr uint32_t kTim2Clock = 1u << 0;                          // APB1LENR

// 200 MHz AXI clock at scale 1 needs 2 wait states, and so would 210 MHz (table 17); one more costs little behind the
// caches.
constexpr uint32_t kFlashWaits = 3 | 2u << 4;

// What is waited for takes some milliseconds at most. Bounded, for it may never come.
bool wait_for(const Register& r, uint32_t mask, uint32_t value) {
  for (uint32_t i = 0; i < 200'000; i++)
    if ((r & mask) == value) return true;
  return false;
}

// What the chip wakes up with. It runs on the PLL if the bootloader in ROM has started us.
void return_to_internal() {
  rcc().cr |= kHsiOn;
  wait_for(rcc().cr, kHsiReady, kHsiReady);
  rcc().cfgr &= ~kSwitch;
  wait_for(rcc().cfgr, kRunning, 0);
  rcc().cr &= ~kPllOn;
  wait_for(rcc().cr, kPllReady, 0);
  rcc().d1cfgr = 0;
  rcc().d2cfgr = 0;
  rcc().d3cfgr = 0;
}

// The regulator's highest voltage but for overdrive. CR3 can be written once after power-on, and must be (6.4.1).
bool raise_voltage() {
  power().cr3 = kLdoOnly;
  if (!wait_for(power().csr1, kSupplyReady, kSupplyReady)) return false;
  power().d3cr = kScale1;
  return wait_for(power().d3cr, kScaleReady, kScaleReady);
}

bool start_external() {
  if (board::kExternalIsClock) rcc().cr |= kHseBypass;
  rcc().cr |= kHseOn;
  return wait_for(rcc().cr, kHseReady, kHseReady);
}

bool start_pll() {
  rcc().pllckselr = start_external() ? kFromHse | board::kExternalHz / kPllInHz << 4  //
                                     : kFromHsi | kInternalHz / kPllInHz << 4;
  rcc().pllcfgr = kInput2To4MHz | kOutputP;
  rcc().pll1divr = (kN - 1) | (kP - 1) << 9;
  rcc().cr |= kPllOn;
  return wait_for(rcc().cr, kPllReady, kPllReady);
}

}  // namespace

Clocks start_clocks() {
  const Clocks internal = {kInternalHz, kInternalHz};
  return_to_internal();
  if (!raise_voltage() || !start_pll()) return internal;
  rcc().d1cfgr = kCoreBy1BusesBy2 | kApb3By2;
  rcc().d2cfgr = kApb1By2 | kApb2By2;
  rcc().d3cfgr = kApb4By2;
  flash_acr() = kFlashWaits;  // before the clock rises
  rcc().cfgr = kSwitchToPll;
  if (wait_for(rcc().cfgr, kRunning, kRunningOnPll)) return {kApb1Hz, kTimerHz};
  return_to_internal();
  return internal;
}

void start_ticks() {
  rcc().apb1lenr |= kTim2Clock;
  static_cast<void>(rcc().apb1lenr);  // a register works two cycles after its clock is on
  tim2().psc = 0;
  tim2().arr = 0xffffffff;
  tim2().egr = 1;
  tim2().cr1 = 1;
}

}  // namespace linnet::stm32h7
