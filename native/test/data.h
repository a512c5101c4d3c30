// Test data: a seeded generator, and bytes placed as an image must lie.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace linnet::test {

// xorshift64; print the seed with a failure and it can be had again.
struct Random {
  uint64_t state;
  explicit Random(uint64_t seed) : state(seed * 2 + 1) {}
  uint32_t next() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<uint32_t>(state >> 32);
  }
  // Uniform in [low, high].
  int32_t in(int32_t low, int32_t high) {
    return low + static_cast<int32_t>(next() % (static_cast<uint32_t>(high - low) + 1u));
  }
};

// Bytes at a 16-byte boundary; under ASan nothing past their end can be read.
class AlignedBytes {
 public:
  explicit AlignedBytes(const std::vector<uint8_t>& bytes) : size_(static_cast<uint32_t>(bytes.size())) {
    void* memory = nullptr;
    if (posix_memalign(&memory, 16, bytes.empty() ? 1 : bytes.size()) != 0) std::abort();
    data_ = static_cast<uint8_t*>(memory);
    if (!bytes.empty()) std::memcpy(data_, bytes.data(), bytes.size());
  }
  ~AlignedBytes() { std::free(data_); }
  AlignedBytes(const AlignedBytes&) = delete;
  AlignedBytes& operator=(const AlignedBytes&) = delete;
  uint8_t* data() { return data_; }
  uint32_t size() const { return size_; }

 private:
  uint8_t* data_;
  uint32_t size_;
};

}  // namespace linnet::test
