# Arm MPS2 and MPS2+ with the FPGA images of Cortex-M3, M4 and M7 (AN385, AN386, AN500): one memory map.
include(mcu/cortex_m/cortex_m.cmake)
list(APPEND MCU_SOURCES mcu/mps2/vectors.cc mcu/mps2/ticks.cc mcu/mps2/apb_timer.cc mcu/mps2/uart.cc mcu/mps2/port.cc)
