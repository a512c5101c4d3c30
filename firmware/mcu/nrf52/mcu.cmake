# Nordic nRF52840. Its old UART, without DMA, is the nRF51's, and so are the other peripherals the port uses.
include(mcu/cortex_m/cortex_m.cmake)
list(APPEND MCU_SOURCES mcu/nrf52/vectors.cc mcu/nrf52/system.cc mcu/nrf52/port.cc mcu/nrf51/uart.cc)
