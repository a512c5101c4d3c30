# Raspberry Pi RP2350, its Arm cores.
include(mcu/cortex_m/cortex_m.cmake)
list(APPEND MCU_SOURCES mcu/rp2350/vectors.cc mcu/rp2350/clock.cc mcu/rp2350/uart.cc mcu/rp2350/port.cc mcu/pl011.cc)
