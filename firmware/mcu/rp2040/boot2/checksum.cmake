# Makes of BINARY, 252 bytes, the C++ file OUTPUT: the same bytes with the CRC behind them that the RP2040's ROM checks
# (RP2040 Datasheet, 2.8.1.3.1): polynomial 04C11DB7, highest bit first, from all ones, stored little-endian.
file(READ ${BINARY} hex HEX)
string(LENGTH "${hex}" digits)
if(NOT digits EQUAL 504)
  message(FATAL_ERROR "${BINARY} is not 252 bytes long")
endif()
string(REGEX MATCHALL ".." bytes ${hex})
set(crc 0xffffffff)
foreach(byte IN LISTS bytes)
  math(EXPR crc "${crc} ^ (0x${byte} << 24)")
  foreach(bit RANGE 7)
    math(EXPR crc "((${crc} << 1) ^ (0x04c11db7 * (${crc} >> 31))) & 0xffffffff")
  endforeach()
endforeach()
foreach(shift IN ITEMS 0 8 16 24)
  math(EXPR byte "(${crc} >> ${shift}) & 0xff")
  list(APPEND tail ${byte})
endforeach()
string(REGEX REPLACE "(..)" "0x\\1, " text ${hex})
list(JOIN tail ", " tail)
file(WRITE ${OUTPUT}
     "// Made by checksum.cmake of boot2.cc.\n#include \"firmware/mcu/rp2040/boot2/boot2.h\"\n\n"
     "[[gnu::section(\".boot2\"), gnu::used]] const uint8_t linnet_boot2[256] = {${text}${tail}};\n")
