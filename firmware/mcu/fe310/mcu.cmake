# SiFive FE310-G000.
include(mcu/riscv/riscv.cmake)
list(APPEND MCU_SOURCES mcu/fe310/clock.cc mcu/fe310/uart.cc mcu/fe310/port.cc)
