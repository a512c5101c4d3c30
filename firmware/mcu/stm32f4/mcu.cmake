# STM32F405/407: Cortex-M4. Its FPU stays off, for there is nothing to do for it.
set(CMAKE_TOOLCHAIN_FILE ${CMAKE_CURRENT_SOURCE_DIR}/cmake/arm-none-eabi.cmake)
set(MCU_SOURCES mcu/stm32f4/startup.cc mcu/stm32f4/clock.cc mcu/stm32f4/uart.cc mcu/stm32f4/port.cc)
set(MCU_KERNELS firmware_kernels)
set(MCU_FLAGS -mcpu=cortex-m4 -mthumb -mfloat-abi=soft -ffreestanding -ffunction-sections -fdata-sections
              -fno-threadsafe-statics -fno-unwind-tables -fno-asynchronous-unwind-tables)
set(MCU_BARE_METAL ON)
set(MCU_LINKER_SCRIPTS mcu/cortex_m)
