#include "firmware/mcu/cortex_m/cortex_m7.h"

namespace linnet::cortex_m7 {
namespace {

using cortex_m::at;
using cortex_m::Register;

struct Mpu {
  Register type, ctrl, rnr, rbar, rasr;
};
Mpu& mpu() { return at<Mpu>(0xE000ED90); }
Register& ccr() { return at<Register>(0xE000ED14); }
Register& ccsidr() { return at<Register>(0xE000ED80); }
Register& csselr() { return at<Register>(0xE000ED84); }
Register& iciallu() { return at<Register>(0xE000EF50); }
Register& dcisw() { return at<Register>(0xE000EF60); }

constexpr uint32_t kDataCache = 1u << 16, kInstructionCache = 1u << 17;  // CCR
constexpr uint32_t kLineShift = 5;                                       // lines of 32 bytes

void barriers() { asm volatile("dsb\n isb" ::: "memory"); }

void invalidate_data_cache() {
  csselr() = 0;
  barriers();
  const uint32_t sets = (ccsidr() >> 13 & 0x7fff) + 1, ways = (ccsidr() >> 3 & 0x3ff) + 1;
  const uint32_t way_shift = ways > 1 ? static_cast<uint32_t>(__builtin_clz(ways - 1)) : 31;
  for (uint32_t set = 0; set < sets; set++)
    for (uint32_t way = 0; way < ways; way++) dcisw() = set << kLineShift | way << way_shift;
}

}  // namespace

void fence_off_external_memory() {
  constexpr uint32_t kEnable = 1, kDefaultMapElsewhere = 1u << 2;                                     // CTRL
  constexpr uint32_t kRegion = 1, kWholeMap = 31u << 1, kNotEighths = 0x87u << 8, kNever = 1u << 28;  // RASR: no access
  mpu().ctrl = 0;
  mpu().rnr = 0;
  mpu().rbar = 0;
  mpu().rasr = kRegion | kWholeMap | kNotEighths | kNever;  // of its eighths the first three and the last are left out
  mpu().ctrl = kEnable | kDefaultMapElsewhere;
  barriers();
}

void enable_caches() {
  if ((ccr() & (kDataCache | kInstructionCache)) != 0) return;  // emptied now, the data cache would lose what it holds
  barriers();
  iciallu() = 0;
  barriers();
  ccr() = ccr() | kInstructionCache;
  barriers();
  invalidate_data_cache();
  barriers();
  ccr() = ccr() | kDataCache;
  barriers();
}

}  // namespace linnet::cortex_m7
