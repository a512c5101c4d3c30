// One place for a model, where `linnet flash` puts it: no uploads.
#include "firmware/port.h"

namespace linnet::port {

Flash image() { return {reinterpret_cast<const uint8_t*>(LINNET_IMAGE_ADDRESS), LINNET_IMAGE_BYTES}; }

UploadSlot upload_slot() { return {}; }
bool begin_upload(uint32_t) { return false; }
bool write_upload(uint32_t, const uint8_t*, uint32_t) { return false; }
bool commit_upload(uint32_t, const uint8_t*) { return false; }

}  // namespace linnet::port
