# What every Cortex-M family shares. board.json's cpu chooses the instruction set. Where there is an FPU it stays off,
# for there is nothing to do for it.
set(CMAKE_TOOLCHAIN_FILE ${CMAKE_CURRENT_SOURCE_DIR}/cmake/arm-none-eabi.cmake)
board_fact(CPU cpu)
string(TOLOWER ${CPU} CPU)
string(REPLACE + plus CPU ${CPU})
set(MCU_FLOAT soft)
if(CPU STREQUAL cortex-m55)
  # The integers of its vector extension, which lie in the FPU's registers.
  string(APPEND CPU +nofp)
  set(MCU_FLOAT softfp)
endif()
set(MCU_SOURCES mcu/port.cc mcu/cortex_m/startup.cc mcu/cortex_m/port.cc)
set(MCU_KERNELS firmware_kernels)
set(MCU_FLAGS -mcpu=${CPU} -mthumb -mfloat-abi=${MCU_FLOAT} -ffreestanding -ffunction-sections -fdata-sections
              -fno-threadsafe-statics -fno-unwind-tables -fno-asynchronous-unwind-tables)
set(MCU_BARE_METAL ON)
set(MCU_LIBC -specs=nano.specs)
set(MCU_LINKER_SCRIPTS mcu/cortex_m)
