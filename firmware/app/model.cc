#include "firmware/app/model.h"

#include <cstring>

#include "firmware/port.h"
#include "linnet/digest.h"

namespace linnet {
namespace {

// Never written: erased flash reads as ones, an emulator's as zeros.
bool is_blank(uint32_t word) { return word == 0xffffffff || word == 0; }

}  // namespace

Status open_in_arena(const uint8_t* data, uint32_t size, Image* image, uint32_t* ram_used) {
  *ram_used = 0;
  const Status status = open_image(data, size, image);
  if (status != Status::kOk) return status;
  const Header& header = *image->header;
  const uint64_t needed = static_cast<uint64_t>(header.state_bytes) + header.scratch_bytes + workspace_bytes(*image);
  *ram_used = needed > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(needed);
  return needed > port::arena().size ? Status::kOutOfMemory : Status::kOk;
}

Session session_in_arena(const Image& image) {
  const Header& header = *image.header;
  uint8_t* state = port::arena().data;
  uint8_t* scratch = state + header.state_bytes;  // multiples of 16, both
  return {&image, state, scratch, scratch + header.scratch_bytes};
}

void Model::open() {
  status = Status::kNoModel;
  ram_used = 0;
  const port::Flash flash = port::image();
  Header start = {};
  if (flash.size >= sizeof(start)) std::memcpy(&start, flash.data, sizeof(start));
  if (is_blank(start.magic)) return;
  // Flash does not say where the image ends; its header does. Nonsense there is open_image()'s to refuse.
  const uint32_t size = start.magic == kImageMagic && start.size <= flash.size ? start.size : flash.size;
  status = open_in_arena(flash.data, size, &image, &ram_used);
  if (status != Status::kOk) return;

  session = session_in_arena(image);
  reset(session);

  Sha256 hash;
  hash.start();
  hash.update(flash.data, size);
  hash.finish(sha256);
}

}  // namespace linnet
