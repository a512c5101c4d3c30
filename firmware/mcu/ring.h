// A byte queue between an interrupt and the loop: one side puts, the other takes. No locks.
#pragma once

#include <cstdint>

namespace linnet {

template <uint32_t kCapacity>
class Ring {
  static constexpr uint32_t kPlaces = kCapacity + 1;  // one stays free, or full would look like empty
  static_assert(kPlaces <= UINT16_MAX, "places are numbered in 16 bits");

 public:
  bool empty() const { return head_ == tail_; }
  bool full() const { return after(head_) == tail_; }
  void put(uint8_t byte) {  // if not full()
    bytes_[head_] = byte;
    head_ = after(head_);  // after the byte is there
  }
  uint8_t take() {  // if not empty()
    const uint8_t byte = bytes_[tail_];
    tail_ = after(tail_);
    return byte;
  }

 private:
  static uint16_t after(uint16_t place) { return place + 1u == kPlaces ? 0 : static_cast<uint16_t>(place + 1); }

  volatile uint16_t head_ = 0;  // written by the side that puts only
  volatile uint16_t tail_ = 0;  // written by the side that takes only
  volatile uint8_t bytes_[kPlaces];
};

}  // namespace linnet
