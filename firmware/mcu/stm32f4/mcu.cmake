# STM32F405/407 and F411: board.h includes the header of its chip.
include(mcu/cortex_m/cortex_m.cmake)
list(APPEND MCU_SOURCES mcu/stm32f4/vectors.cc mcu/stm32f4/clock.cc mcu/stm32f4/uart.cc mcu/stm32f4/port.cc)
