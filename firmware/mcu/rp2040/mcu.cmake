# Raspberry Pi RP2040.
include(mcu/cortex_m/cortex_m.cmake)
list(APPEND MCU_SOURCES mcu/rp2040/vectors.cc mcu/rp2040/clock.cc mcu/rp2040/uart.cc mcu/rp2040/flash_rom.cc
     mcu/rp2040/port.cc mcu/pl011.cc)
set(MCU_SLOTS mcu/rp2040/flash_slots.cc)
list(APPEND MCU_LINKER_SCRIPTS mcu/rp2040)
