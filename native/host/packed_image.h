// An image's matrices as the host kernels want them: made once at load, shared by all sessions.
#pragma once

#include <vector>

#include "linnet/image.h"
#include "native/host/aligned_bytes.h"

namespace linnet {

class PackedImage {
 public:
  // Packs every matrix of `image` and lets it know. It must not outlive this. False if there is no memory, or the
  // matrices take none; the image is then as before and works all the same.
  bool pack(Image* image);
  uint64_t bytes() const { return bytes_; }

 private:
  AlignedBytes data_;
  std::vector<const uint8_t*> table_;
  uint64_t bytes_ = 0;
};

}  // namespace linnet
