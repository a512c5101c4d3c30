// A model image that comes over the link, into memory beside the live one (docs/link.md, Upload).
#pragma once

#include "linnet/schema/link.h"
#include "linnet/schema/status.h"

namespace linnet {

class Upload {
 public:
  // Starts, or goes on if this is the upload under way: next() says where.
  Status begin(const UploadRequest& request);
  // Stores `size` bytes if they are the next ones; others change nothing.
  Status write(const UploadData& place, const uint8_t* bytes, uint32_t size);
  // Reads back what was stored, checks that it is what was meant and a model that runs here, and makes it the port's
  // image. If not kOk, that is still the old one. Either way the upload is over, unless it was not complete; a commit
  // that is asked for again gets the same answer.
  Status commit(const UploadRequest& request);

  // Offset of the first byte that is not stored.
  uint32_t next() const { return next_; }

 private:
  bool is(const UploadRequest& request) const;
  Status check() const;

  UploadRequest wanted_ = {};  // size 0: there is no upload
  uint32_t next_ = 0;
  Status refused_ = Status::kOk;  // why the upload, complete, was not committed
};

}  // namespace linnet
