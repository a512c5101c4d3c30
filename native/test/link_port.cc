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

UploadSlot upload_slot() {
  const test::Wire& w = wire();
  return {w.slot ? w.slot->data() : nullptr, w.slot_bytes, w.lasts, w.deaf};
}
bool begin_upload(uint32_t size) {
  test::Wire& w = wire();
  if (size == 0 || size > w.slot_bytes) throw test::BrokenContract();
  w.slot = std::make_unique<test::AlignedBytes>(std::vector<uint8_t>(size, 0xa5));
  w.uploading = size;
  w.stored = 0;
  return w.fails_at != 0;
}
bool write_upload(uint32_t offset, const uint8_t* bytes, uint32_t size) {
  test::Wire& w = wire();
  if (offset != w.stored || size == 0 || size > w.uploading - w.stored) throw test::BrokenContract();
  std::memcpy(w.slot->data() + offset, bytes, size);
  w.stored += size;
  if (w.spoils_at >= offset && w.spoils_at < w.stored) w.slot->data()[w.spoils_at] ^= 1;
  return w.fails_at >= w.stored;
}
bool commit_upload(uint32_t size, const uint8_t*) {
  test::Wire& w = wire();
  if (size != w.uploading || size != w.stored) throw test::BrokenContract();
  if (w.refuses_commit) return false;
  w.image = std::move(w.slot);
  w.commits++;
  return true;
}

}  // namespace linnet::port

namespace linnet::test {

Wire& wire() {
  static Wire the_wire;
  return the_wire;
}

}  // namespace linnet::test
