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

  // Uploads. The slot is as long as the upload, so that a sanitizer sees every step beside it.
  uint32_t slot_bytes = 0;  // 0: the board takes none
  std::unique_ptr<AlignedBytes> slot;
  uint32_t uploading = 0;  // begin_upload()'s size
  uint32_t stored = 0;     // bytes of it that were written
  uint32_t commits = 0;
  bool lasts = false;
  bool deaf = false;
  // Faults of the memory: the byte at which writing fails, or is stored wrongly; that committing fails.
  uint32_t fails_at = UINT32_MAX;
  uint32_t spoils_at = UINT32_MAX;
  bool refuses_commit = false;
};
Wire& wire();

// Thrown by port::reset().
struct Reset {};

// Thrown if the app asks of an upload what port.h does not allow.
struct BrokenContract {};

}  // namespace linnet::test
