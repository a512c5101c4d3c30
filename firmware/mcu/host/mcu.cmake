# The firmware as a Linux process, with the kernels of this computer.
set(MCU_SOURCES mcu/host/port.cc mcu/host/pty.cc mcu/host/image_file.cc)
set(MCU_SLOTS mcu/host/slots.cc)
set(MCU_KERNELS host_kernels)
set(MCU_FLAGS)
set(MCU_BARE_METAL OFF)
