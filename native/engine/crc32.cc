#include "linnet/digest.h"

namespace linnet {
namespace {

struct Table {
  uint32_t entry[16];
};

// A nibble at a time: 64 bytes of flash instead of 1 KB.
constexpr Table make_table() {
  Table table{};
  for (uint32_t i = 0; i < 16; i++) {
    uint32_t v = i;
    for (int bit = 0; bit < 4; bit++) v = (v & 1) ? (v >> 1) ^ 0xedb88320u : v >> 1;
    table.entry[i] = v;
  }
  return table;
}
constexpr Table kTable = make_table();

}  // namespace

uint32_t crc32(const void* data, uint32_t size, uint32_t crc) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  crc = ~crc;
  for (uint32_t i = 0; i < size; i++) {
    crc ^= bytes[i];
    crc = (crc >> 4) ^ kTable.entry[crc & 15];
    crc = (crc >> 4) ^ kTable.entry[crc & 15];
  }
  return ~crc;
}

}  // namespace linnet
