// nRF52840 Product Specification 1.7: 4.8 (access port protection), 5.4 (CLOCK), 4.3.3 (cache), 6.30 (TIMER).
#include "firmware/mcu/nrf52/system.h"

#include "firmware/mcu/nrf51/registers.h"

namespace linnet::nrf52 {
namespace {

using cortex_m::at;
using cortex_m::Register;
using nrf51::timer0;

Register& part() { return at<Register>(0x10000130); }      // FICR
Register& revision() { return at<Register>(0x10000134); }  // FICR
Register& uicr_approtect() { return at<Register>(0x10001208); }
Register& approtect_disable() { return at<Register>(0x40000558); }
Register& icachecnf() { return at<Register>(0x4001E540); }  // NVMC

constexpr uint32_t kNrf52840 = 8, kRevision3 = 5;
constexpr uint32_t kCacheEnable = 1;
constexpr uint32_t k32Bits = 3;

}  // namespace

void keep_debug_port() {
  if (part() == kNrf52840 && revision() >= kRevision3) approtect_disable() = uicr_approtect();
}

void start_system() {
  icachecnf() = kCacheEnable;
  // Takes a millisecond or so. Bounded, for a crystal may be broken.
  nrf51::clock().hfclkstarted = 0;
  nrf51::clock().hfclkstart = 1;
  for (uint32_t i = 0; i < 100'000 && nrf51::clock().hfclkstarted == 0; i++) {
  }
}

void start_ticks() {
  timer0().stop = 1;
  timer0().mode = 0;
  timer0().bitmode = k32Bits;
  timer0().prescaler = 0;
  timer0().clear = 1;
  timer0().start = 1;
}

uint32_t ticks() {
  timer0().capture[0] = 1;
  return timer0().cc[0];
}

}  // namespace linnet::nrf52
