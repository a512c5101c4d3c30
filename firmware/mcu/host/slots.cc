#include "firmware/mcu/host/slots.h"

#include <sys/mman.h>

#include <cstring>

namespace linnet {
namespace {

port::Flash live;
port::Flash slot;  // as large as the upload in it

uint8_t* writable(const port::Flash& memory) { return const_cast<uint8_t*>(memory.data); }

}  // namespace

void host::set_image(port::Flash image) { live = image; }

namespace port {

Flash image() { return live; }

UploadSlot upload_slot() { return {slot.data, LINNET_IMAGE_BYTES, false, false}; }

bool begin_upload(uint32_t size) {
  if (slot.data != nullptr) munmap(writable(slot), slot.size);
  slot = {};
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  slot = {static_cast<const uint8_t*>(memory), size};
  return true;
}

bool write_upload(uint32_t offset, const uint8_t* bytes, uint32_t size) {
  std::memcpy(writable(slot) + offset, bytes, size);
  return true;
}

bool commit_upload(uint32_t, const uint8_t*) {
  const Flash old = live;
  live = slot;
  slot = old;
  return true;
}

}  // namespace port
}  // namespace linnet
