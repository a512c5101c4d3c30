// A conformance model as the addon opens it.
#pragma once

#include <memory>

#include "native/addon/memory.h"
#include "native/test/test.h"

namespace linnet::test {

inline std::shared_ptr<addon::SharedImage> open_shared(const std::string& name) {
  const std::vector<uint8_t> file = read_file("test/conformance/" + name + ".linnet");
  std::shared_ptr<addon::SharedImage> image;
  uint32_t where;
  CHECK(addon::SharedImage::open(file.data(), file.size(), &image, &where) == Status::kOk);
  return image;
}

}  // namespace linnet::test
