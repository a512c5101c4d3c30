// Memory for images, packed weights and sessions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace linnet {

// Bytes on a cache line boundary, zeroed if wanted; data() is null if there was no memory (or size is 0). All of them
// are meant to be used: the system is asked to bring in what is large at once.
class AlignedBytes {
 public:
  AlignedBytes() = default;
  explicit AlignedBytes(size_t size, bool zeroed = true);
  uint8_t* data() const { return data_.get(); }

 private:
  struct Free {
    std::align_val_t alignment;
    void operator()(uint8_t* data) const { ::operator delete(data, alignment); }
  };
  std::unique_ptr<uint8_t, Free> data_{nullptr, Free{std::align_val_t{1}}};
};

}  // namespace linnet
