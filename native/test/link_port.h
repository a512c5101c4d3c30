// A port of byte queues, for tests and fuzzers of the firmware's app.
#pragma once

#include <memory>
#include <vector>

#include "native/test/data.h"

namespace linnet::test {

// What port.h's functions work on.
struct Wire {
  std::vector<uint8_t> to_board;  // taken from the front
  size_t taken = 0;
  std::vector<uint8_t> from_board;
  std::vector<uint8_t> arena;
  std::unique_ptr<AlignedBytes> image;
  uint32_t ticks = 0;  // one more each time it is asked for
};
Wire& wire();

// Thrown by port::reset().
struct Reset {};

}  // namespace linnet::test
