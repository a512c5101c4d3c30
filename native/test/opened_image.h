// An image made in memory, opened, and what a run leaves in its activations.
#pragma once

#include <cstddef>
#include <memory>

#include "linnet/digest.h"
#include "linnet/session.h"
#include "native/engine/run.h"
#include "native/host/packed_image.h"
#include "native/test/image_builder.h"
#include "native/test/test.h"
#include "native/test/window_oracle.h"

namespace linnet::test {

// One image, opened if it can be, with the memory it wants under the kernels in use.
struct OpenedImage {
  AlignedBytes bytes;
  Image image;
  Status status;
  uint32_t where = 0;
  PackedImage packed;
  std::unique_ptr<AlignedBytes> scratch, workspace;

  explicit OpenedImage(const std::vector<uint8_t>& file) : bytes(file) {
    status = open_image(bytes.data(), bytes.size(), &image, &where);
    if (status != Status::kOk) return;
    packed.pack(&image);
    scratch = std::make_unique<AlignedBytes>(std::vector<uint8_t>(image.header->scratch_bytes, 0xaa));
    workspace = std::make_unique<AlignedBytes>(std::vector<uint8_t>(workspace_bytes(image), 0xaa));
  }
  void classify(const std::vector<uint16_t>& ids) {
    Session session;
    session.image = &image;
    session.scratch = scratch->data();
    session.workspace = workspace->data();
    uint16_t scores[ImageBuilder::kLabels];
    CHECK(linnet::classify(session, ids.data(), static_cast<uint32_t>(ids.size()), scores) == Status::kOk);
  }
  // The activation after a run of so many tokens.
  Array read(uint16_t id, uint32_t tokens) const {
    const Run run = {image, nullptr, scratch->data(), nullptr, tokens};
    Array a = {run.time(id), run.features(id), {}};
    const auto* values = run.activation<const int8_t>(id);
    a.values.assign(values, values + a.steps * a.features);
    return a;
  }
};

// With the CRC that fits its content.
inline std::vector<uint8_t> repaired(std::vector<uint8_t> bytes) {
  const uint32_t crc = crc32(bytes.data() + 16, static_cast<uint32_t>(bytes.size()) - 16);
  std::memcpy(bytes.data() + offsetof(Header, crc32), &crc, 4);
  return bytes;
}

}  // namespace linnet::test
