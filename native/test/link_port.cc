// firmware/port.h on byte queues.
#include "native/test/link_port.h"

#include "firmware/port.h"

namespace linnet::port {

using test::wire;

void init() {}
uint32_t read(uint8_t* to, uint32_t capacity) {
  test::Wire& w = wire();
  uint32_t count = 0;
  while (count < capacity && w.taken < w.to_board.size()) to[count++] = w.to_board[w.taken++];
  return count;
}
uint32_t lost_bytes() { return 3; }
void write(const void* bytes, uint32_t size) {
  const auto* from = static_cast<const uint8_t*>(bytes);
  wire().from_board.insert(wire().from_board.end(), from, from + size);
}
void wait() {}
uint32_t ticks() { return wire().ticks++; }
uint32_t ticks_per_second() { return 1234; }
void reset() { throw test::Reset(); }
Arena arena() { return {wire().arena.data(), static_cast<uint32_t>(wire().arena.size())}; }
Flash image() {
  if (!wire().image) return {};
  return {wire().image->data(), wire().image->size()};
}
const char* board_name() { return "test-board"; }

}  // namespace linnet::port

namespace linnet::test {

Wire& wire() {
  static Wire the_wire;
  return the_wire;
}

}  // namespace linnet::test
