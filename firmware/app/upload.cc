#include "firmware/app/upload.h"

#include <cstring>

#include "firmware/app/model.h"
#include "firmware/port.h"
#include "linnet/digest.h"

namespace linnet {

bool Upload::is(const UploadRequest& request) const {
  return wanted_.size != 0 && std::memcmp(&request, &wanted_, sizeof(wanted_)) == 0;
}

Status Upload::begin(const UploadRequest& request) {
  if (is(request) && refused_ == Status::kOk) return Status::kOk;
  const uint32_t room = port::upload_slot().size;
  if (room == 0) return Status::kNoUploads;
  if (request.size < sizeof(Header)) return Status::kImageTooSmall;
  if (request.size > room) return Status::kUploadTooLarge;
  next_ = 0;
  wanted_ = {};
  refused_ = Status::kOk;
  if (!port::begin_upload(request.size)) return Status::kUploadFailed;
  wanted_ = request;
  return Status::kOk;
}

Status Upload::write(const UploadData& place, const uint8_t* bytes, uint32_t size) {
  const bool over = wanted_.size == 0 || refused_ != Status::kOk;
  if (over || std::memcmp(place.tag, wanted_.sha256, sizeof(place.tag)) != 0) return Status::kUploadLost;
  if (size == 0 || place.offset > wanted_.size || size > wanted_.size - place.offset) return Status::kBadMessage;
  if (place.offset != next_) return Status::kOk;
  if (!port::write_upload(place.offset, bytes, size)) {
    wanted_ = {};
    return Status::kUploadFailed;
  }
  next_ += size;
  return Status::kOk;
}

Status Upload::commit(const UploadRequest& request) {
  if (!is(request)) return Status::kUploadLost;
  if (next_ != request.size) return Status::kBadMessage;
  if (refused_ != Status::kOk) return refused_;
  refused_ = check();
  if (refused_ == Status::kOk && !port::commit_upload(request.size, request.sha256)) refused_ = Status::kUploadFailed;
  if (refused_ == Status::kOk) wanted_ = {};
  return refused_;
}

// What is in the memory, not what came: bytes may have been stored wrongly.
Status Upload::check() const {
  const uint8_t* data = port::upload_slot().data;
  uint8_t digest[32];
  Sha256 hash;
  hash.start();
  hash.update(data, wanted_.size);
  hash.finish(digest);
  if (std::memcmp(digest, wanted_.sha256, sizeof(digest)) != 0) return Status::kHashMismatch;
  Image image;
  uint32_t ram_used;
  return open_in_arena(data, wanted_.size, &image, &ram_used);
}

}  // namespace linnet
