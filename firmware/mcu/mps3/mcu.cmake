# Arm MPS3 with the FPGA image of a Corstone SSE-300 (AN547): an MPS2's UART, but another counter.
include(mcu/cortex_m/cortex_m.cmake)
list(APPEND MCU_SOURCES mcu/mps2/vectors.cc mcu/mps2/ticks.cc mcu/mps3/system_counter.cc mcu/mps2/uart.cc
     mcu/mps2/port.cc)
