# QEMU's RISC-V machine "virt".
include(mcu/riscv/riscv.cmake)
list(APPEND MCU_SOURCES mcu/virt/uart.cc mcu/virt/port.cc)
