// Owners of the memory the engine works in: the image, shared by all, and one state and scratch a session.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "linnet/session.h"
#include "native/host/aligned_bytes.h"
#include "native/host/packed_image.h"

namespace linnet::addon {

// A validated image in memory of its own. A copy rather than a mapping: a mapped file that someone truncates or
// overwrites later would end the process or slip past the validator.
class SharedImage {
 public:
  // The image in `bytes`, `size` of them. On failure `result` stays empty and *where is the byte offset of the fault.
  static Status open(AlignedBytes bytes, size_t size, std::shared_ptr<SharedImage>* result, uint32_t* where);
  // In a copy of them.
  static Status open(const void* bytes, size_t size, std::shared_ptr<SharedImage>* result, uint32_t* where);

  const Image& image() const { return image_; }
  const Header& header() const { return *image_.header; }

  // Set when the model is closed: every running call ends at its next token.
  std::atomic<bool> closed{false};

 private:
  AlignedBytes bytes_;
  PackedImage packed_;
  Image image_;
};

// Memory that JavaScript fills with an image and then gives back, by its address: an image is read straight to where it
// stays.
using LentBytes = std::unordered_map<const void*, std::shared_ptr<AlignedBytes>>;

// A session with its memory; keeps the image alive. The recurrent state is zeroed.
class OwnedSession {
 public:
  // Null if there is no memory for it.
  static std::unique_ptr<OwnedSession> create(std::shared_ptr<const SharedImage> image);
  Session& session() { return session_; }

  // For a generation that goes on from this one.
  bool fed = false;        // something was fed
  uint16_t unfed = kNoId;  // the last token chosen, if it was not fed yet

 private:
  std::shared_ptr<const SharedImage> image_;
  AlignedBytes state_, scratch_;
  Session session_;
};

}  // namespace linnet::addon
