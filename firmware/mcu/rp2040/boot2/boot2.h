// boot2.cc as the chip's ROM wants it: machine code and its CRC, at the start of flash.
#pragma once

#include <cstdint>

extern "C" {

extern const uint8_t linnet_boot2[256];
}
