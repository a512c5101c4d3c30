# STM32H742/743/750/753.
include(mcu/cortex_m/cortex_m.cmake)
list(APPEND MCU_SOURCES mcu/cortex_m/cortex_m7.cc mcu/stm32h7/vectors.cc mcu/stm32h7/clock.cc mcu/stm32h7/uart.cc
     mcu/stm32h7/port.cc)
