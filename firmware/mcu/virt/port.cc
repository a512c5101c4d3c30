// What of firmware/port.h is the virtual machine's own; the rest is firmware/mcu/port.cc.
#include "firmware/port.h"

#include "firmware/mcu/riscv/cpu.h"
#include "firmware/mcu/riscv/ticks.h"
#include "firmware/mcu/virt/uart.h"

namespace linnet::port {
namespace {

// QEMU, hw/misc/sifive_test.c: a device to end the machine or to start it afresh.
constexpr uint32_t kTestDevice = 0x00100000, kReset = 0x7777;

// The machine has no clock of its own: a processor that does an instruction each nanosecond.
constexpr uint32_t kCoreHz = 1'000'000'000;

uint32_t tick_rate;

}  // namespace

void init() {
  tick_rate = riscv::measure_tick_rate(kCoreHz);
  virt::start_uart();
}

uint32_t ticks() { return riscv::cycles(); }
uint32_t ticks_per_second() { return tick_rate; }

void reset() {
  riscv::at<riscv::Register>(kTestDevice) = kReset;
  for (;;) riscv::wait_for_interrupt();
}

}  // namespace linnet::port
