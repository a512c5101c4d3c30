// What of firmware/port.h is an MPS2's or MPS3's own; the rest is cortex_m/port.cc.
#include "firmware/port.h"

#include "board.h"
#include "firmware/mcu/mps2/ticks.h"
#include "firmware/mcu/mps2/uart.h"

namespace linnet::port {

void init() {
  mps2::start_ticks();
  mps2::start_uart(board::kUartHz, LINNET_BAUD);
}

uint32_t ticks() { return mps2::ticks(); }
uint32_t ticks_per_second() { return mps2::ticks_per_second(); }

}  // namespace linnet::port
