# The firmware as a Linux process. -O3, for compilers make vector loops of the reference kernels then.
set(MCU_SOURCES mcu/host/port.cc mcu/host/pty.cc mcu/host/image_file.cc)
set(MCU_SLOTS mcu/host/slots.cc)
set(MCU_KERNELS firmware_kernels)
set(MCU_FLAGS -O3)
set(MCU_BARE_METAL OFF)
