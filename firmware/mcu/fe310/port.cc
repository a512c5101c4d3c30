// What of firmware/port.h is the FE310's own; the rest is firmware/mcu/port.cc.
#include "firmware/port.h"

#include "firmware/mcu/fe310/clock.h"
#include "firmware/mcu/fe310/registers.h"
#include "firmware/mcu/fe310/uart.h"
#include "firmware/mcu/riscv/ticks.h"

extern "C" [[noreturn]] void reset_handler();

namespace linnet::port {
namespace {

// FE310-G000 Manual, chapter 14 (watchdog). A write to any of its registers takes the key before.
constexpr uint32_t kKey = 0x51F15E;
constexpr uint32_t kReset = 1u << 8, kAlways = 1u << 12;  // CFG

void write_watchdog(fe310::Register& r, uint32_t value) {
  fe310::watchdog().key = kKey;
  r = value;
}

uint32_t tick_rate;

}  // namespace

void init() {
  const uint32_t clock_hz = fe310::start_clocks();
  tick_rate = riscv::measure_tick_rate(clock_hz);
  fe310::start_uart(clock_hz, LINNET_BAUD);
}

uint32_t ticks() { return riscv::cycles(); }
uint32_t ticks_per_second() { return tick_rate; }

// The watchdog bites at its second count of 30 kHz. Where there is none (QEMU before 8.1) starting anew must do.
void reset() {
  riscv::disable_interrupts();
  fe310::Watchdog& watchdog = fe310::watchdog();
  write_watchdog(watchdog.cmp, 1);
  write_watchdog(watchdog.count, 0);
  write_watchdog(watchdog.cfg, kReset | kAlways);
  for (const uint32_t start = riscv::cycles(); riscv::cycles() - start < 10'000'000;) {
  }
  reset_handler();
}

}  // namespace linnet::port
