// Two places for models in RAM: one is live, the other takes uploads. After a reset the first one is live again.
#include <cstring>

#include "firmware/port.h"

namespace linnet::port {
namespace {

constexpr uint32_t kPlaces[] = {LINNET_IMAGE_ADDRESS, LINNET_UPLOAD_ADDRESS};
static_assert(kPlaces[0] % 16 == 0 && kPlaces[1] % 16 == 0, "alignment of an image");
static_assert(kPlaces[1] >= kPlaces[0] + LINNET_IMAGE_BYTES || kPlaces[0] >= kPlaces[1] + LINNET_IMAGE_BYTES,
              "board.json: the second place lies in the first");

uint32_t live = 0;

uint8_t* slot() { return reinterpret_cast<uint8_t*>(kPlaces[1 - live]); }

}  // namespace

Flash image() { return {reinterpret_cast<const uint8_t*>(kPlaces[live]), LINNET_IMAGE_BYTES}; }

UploadSlot upload_slot() { return {slot(), LINNET_IMAGE_BYTES, false, false}; }
bool begin_upload(uint32_t) { return true; }
bool write_upload(uint32_t offset, const uint8_t* bytes, uint32_t size) {
  std::memcpy(slot() + offset, bytes, size);
  return true;
}
bool commit_upload(uint32_t, const uint8_t*) {
  live = 1 - live;
  return true;
}

}  // namespace linnet::port
