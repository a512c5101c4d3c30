# boot2 is a program of its own; the firmware has it as 256 bytes.
set(BOOT2_DIR ${CMAKE_CURRENT_LIST_DIR}/boot2)
add_executable(boot2 ${BOOT2_DIR}/boot2.cc)
target_include_directories(boot2 PRIVATE ${LINNET_ROOT} ${BOARD_DIR})
target_compile_options(boot2 PRIVATE -Wall -Wextra -fno-exceptions -fno-rtti ${MCU_FLAGS} -Os)
target_link_options(boot2 PRIVATE ${MCU_FLAGS} -nostdlib -Wl,--fatal-warnings -Wl,--no-warn-rwx-segments
                    -T${BOOT2_DIR}/boot2.ld)
set_target_properties(boot2 PROPERTIES LINK_DEPENDS ${BOOT2_DIR}/boot2.ld SUFFIX .elf)
add_custom_command(
  OUTPUT boot2_image.cc
  COMMAND ${CMAKE_OBJCOPY} -O binary $<TARGET_FILE:boot2> boot2.bin
  COMMAND ${CMAKE_COMMAND} -DBINARY=boot2.bin -DOUTPUT=boot2_image.cc -P ${BOOT2_DIR}/checksum.cmake
  DEPENDS boot2 ${BOOT2_DIR}/checksum.cmake)
target_sources(firmware PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/boot2_image.cc)
