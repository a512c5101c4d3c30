# Nordic nRF51822. Its flash is small: the firmware is built for size.
include(mcu/cortex_m/cortex_m.cmake)
list(APPEND MCU_FLAGS -Os)
list(APPEND MCU_SOURCES mcu/nrf51/vectors.cc mcu/nrf51/clock.cc mcu/nrf51/uart.cc mcu/nrf51/port.cc)
