# Nordic nRF51822.
include(mcu/cortex_m/cortex_m.cmake)
list(APPEND MCU_SOURCES mcu/nrf51/vectors.cc mcu/nrf51/clock.cc mcu/nrf51/uart.cc mcu/nrf51/port.cc)
