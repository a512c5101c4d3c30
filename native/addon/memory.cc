#include "native/addon/memory.h"

#include <cstring>
#include <limits>

namespace linnet::addon {

Status SharedImage::open(const void* bytes, size_t size, std::shared_ptr<SharedImage>* result, uint32_t* where) {
  *where = 0;
  if (size == 0) return Status::kImageTooSmall;
  AlignedBytes copy(size, false);
  if (!copy.data()) return Status::kOutOfMemory;
  std::memcpy(copy.data(), bytes, size);
  return open(std::move(copy), size, result, where);
}

Status SharedImage::open(AlignedBytes bytes, size_t size, std::shared_ptr<SharedImage>* result, uint32_t* where) {
  *where = 0;
  if (size > std::numeric_limits<uint32_t>::max()) return Status::kSizeMismatch;
  auto shared = std::make_shared<SharedImage>();
  shared->bytes_ = std::move(bytes);
  const Status status = open_image(shared->bytes_.data(), static_cast<uint32_t>(size), &shared->image_, where);
  if (status != Status::kOk) return status;
  shared->packed_.pack(&shared->image_);  // without memory for it the reference kernels do the work
  *result = std::move(shared);
  return status;
}

std::unique_ptr<OwnedSession> OwnedSession::create(std::shared_ptr<const SharedImage> image) {
  const Header& header = image->header();
  auto owned = std::make_unique<OwnedSession>();
  owned->state_ = AlignedBytes(header.state_bytes);
  owned->scratch_ = AlignedBytes(header.scratch_bytes);
  if ((header.state_bytes && !owned->state_.data()) || (header.scratch_bytes && !owned->scratch_.data()))
    return nullptr;
  owned->session_ = {&image->image(), owned->state_.data(), owned->scratch_.data()};
  owned->image_ = std::move(image);
  reset(owned->session_);
  return owned;
}

}  // namespace linnet::addon
