// A byte queue between an interrupt and the loop: one side puts, the other takes. No locks.
#pragma once

#include <cstdint>

namespace linnet {

template <uint32_t kSize>
class Ring {
  static_assert((kSize & (kSize - 1)) == 0, "a power of two");

 public:
  bool empty() const { return head_ == tail_; }
  bool full() const { return head_ - tail_ == kSize; }
  void put(uint8_t byte) {  // if not full()
    bytes_[head_ % kSize] = byte;
    head_ = head_ + 1;  // after the byte is there
  }
  uint8_t take() {  // if not empty()
    const uint8_t byte = bytes_[tail_ % kSize];
    tail_ = tail_ + 1;
    return byte;
  }

 private:
  volatile uint32_t head_ = 0;  // written by the side that puts only
  volatile uint32_t tail_ = 0;  // written by the side that takes only
  volatile uint8_t bytes_[kSize];
};

}  // namespace linnet
