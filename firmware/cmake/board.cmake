# board_fact(<variable> <key>…): a value of board.json, which is the single truth about a board's numbers.
set(BOARD_DIR ${CMAKE_CURRENT_SOURCE_DIR}/boards/${LINNET_BOARD})
if(NOT LINNET_BOARD OR NOT EXISTS ${BOARD_DIR}/board.json)
  file(GLOB known RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/boards ${CMAKE_CURRENT_SOURCE_DIR}/boards/*)
  list(JOIN known ", " known)
  message(FATAL_ERROR "no board \"${LINNET_BOARD}\": set LINNET_BOARD to one of ${known}")
endif()
file(READ ${BOARD_DIR}/board.json BOARD_JSON)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${BOARD_DIR}/board.json)

macro(board_fact variable)
  string(JSON ${variable} GET "${BOARD_JSON}" ${ARGN})
endmacro()

# The same for one that a board need not have: `otherwise` then.
macro(board_fact_or variable otherwise)
  string(JSON ${variable} ERROR_VARIABLE missing GET "${BOARD_JSON}" ${ARGN})
  if(missing)
    set(${variable} ${otherwise})
  endif()
endmacro()

board_fact(MCU mcu)
board_fact(FLASH_ORIGIN flash origin)
board_fact(FLASH_BYTES flash bytes)
board_fact(IMAGE_ORIGIN image origin)
board_fact(IMAGE_BYTES image bytes)
board_fact(RAM_ORIGIN ram origin)
board_fact(RAM_BYTES ram bytes)
board_fact(ARENA_BYTES ram arena_bytes)
board_fact_or(UPLOAD_ORIGIN 0 image upload origin)  # 0: the board takes no uploads
board_fact_or(LAYOUT row_major layout)  # of the weights in its flash
board_fact(BAUD uart baud)
board_fact(MESSAGE_BYTES uart message_bytes)
