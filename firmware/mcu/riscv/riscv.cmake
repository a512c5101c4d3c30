# What every RISC-V family shares: RV32IMAC, machine mode.
set(CMAKE_TOOLCHAIN_FILE ${CMAKE_CURRENT_SOURCE_DIR}/cmake/riscv.cmake)
set(MCU_SOURCES mcu/port.cc mcu/riscv/startup.cc mcu/riscv/trap.cc mcu/riscv/ticks.cc mcu/riscv/port.cc)
set(MCU_KERNELS firmware_kernels)
# (By ISA spec 2.2 I includes the instructions for control registers; a name with _zicsr would find no libraries.)
set(MCU_FLAGS -march=rv32imac -misa-spec=2.2 -mabi=ilp32 -mcmodel=medany -msmall-data-limit=0 -ffreestanding -ffunction-sections
              -fdata-sections -fno-threadsafe-statics -fno-unwind-tables -fno-asynchronous-unwind-tables
              -specs=picolibc.specs -I${CMAKE_CURRENT_SOURCE_DIR}/mcu/riscv/include)
set(MCU_BARE_METAL ON)
set(MCU_LIBC -specs=picolibc.specs -nodefaultlibs)
set(MCU_LINKER_SCRIPTS mcu/riscv)
