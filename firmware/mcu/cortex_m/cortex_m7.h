// What a Cortex-M7 has beside what every Cortex-M has: caches, off after reset.
#pragma once

#include <cstdint>

#include "firmware/mcu/cortex_m/cpu.h"

namespace linnet::cortex_m7 {

// The core reads ahead in normal memory without being asked, and from 0x60000000 to 0xdfffffff, where a board without
// external memory has nothing, that may hang the bus: no access there, the rest as it is without this (ST AN4838;
// Arm DDI 0403, B3.5).
void fence_off_external_memory();

// Both caches, emptied first, unless they are on already (Arm DDI 0489; DDI 0403, B2.2).
void enable_caches();

}  // namespace linnet::cortex_m7
