// Whole models in packed layouts, run by the boards' kernels: the digests are those of the canonical images.
#include <cstddef>
#include <memory>

#include "linnet/digest.h"
#include "native/engine/validate.h"
#include "native/kernels/variants.h"
#include "native/test/host_variants.h"
#include "native/test/opened_image.h"
#include "native/test/pack_image.h"
#include "native/test/test.h"

using namespace linnet;
using test::pack;
using test::put;
using test::tensor_at;
using test::UsedKernels;

namespace {

const Kernels* const kPacked[] = {&packed_pairs_kernels(), &packed_quads_kernels()};

const char* const kModels[] = {"bidirectional-extreme",
                               "bidirectional",
                               "cnn-deep-extreme",
                               "cnn-deep",
                               "cnn-extreme",
                               "cnn-fused-extreme",
                               "cnn-fused",
                               "cnn-largest-extreme",
                               "cnn-largest",
                               "cnn-plane-extreme",
                               "cnn-plane",
                               "cnn",
                               "fasttext",
                               "lm-extreme",
                               "lm-gated",
                               "lm-gru",
                               "lm-tied",
                               "lm-untied",
                               "sequence"};

// Opened under the kernels in use, with exactly the memory it asks for.
struct Model {
  test::AlignedBytes bytes;
  Image image;
  Status status;
  uint32_t where = 0;
  std::unique_ptr<test::AlignedBytes> memory[3];

  explicit Model(const std::vector<uint8_t>& file) : bytes(file) {
    status = open_image(bytes.data(), bytes.size(), &image, &where);
    if (status != Status::kOk) return;
    const uint32_t sizes[] = {image.header->state_bytes, image.header->scratch_bytes, workspace_bytes(image)};
    for (int i = 0; i < 3; i++) memory[i] = std::make_unique<test::AlignedBytes>(std::vector<uint8_t>(sizes[i], 0xaa));
  }
  std::vector<uint8_t> digest() {
    Session session = {&image, memory[0]->data(), memory[1]->data(), memory[2]->data()};
    std::vector<uint8_t> digest(32);
    CHECK(self_test(session, digest.data()) == Status::kOk);
    return digest;
  }
};

std::vector<uint8_t> conformance_file(const char* name) {
  return test::read_file(std::string("test/conformance/") + name + ".linnet");
}

}  // namespace

TEST("packed images have the digests of the canonical ones under the kernels of their layout") {
  for (const char* name : kModels) {
    const std::vector<uint8_t> file = conformance_file(name);
    Model canonical(file);
    const std::vector<uint8_t> expected = canonical.digest();
    for (const Kernels* k : kPacked) {
      const test::UsedKernels used(*k);
      Model packed(pack(file, canonical.image, k->packed->layout));
      CHECK_EQ(static_cast<int>(packed.status), 0);
      if (packed.status != Status::kOk) continue;
      if (packed.digest() != expected) test::fail(__FILE__, __LINE__, std::string(name) + " in " + k->name);
    }
  }
}

TEST("canonical images run under the kernels of a packed layout too") {
  for (const char* name : kModels) {
    const std::vector<uint8_t> file = conformance_file(name);
    const std::vector<uint8_t> expected = Model(file).digest();
    for (const Kernels* k : kPacked) {
      const test::UsedKernels used(*k);
      if (Model(file).digest() != expected) test::fail(__FILE__, __LINE__, std::string(name) + " under " + k->name);
    }
  }
}

TEST("a packed image is refused by kernels of another layout, and packed tensors by a canonical image") {
  const std::vector<uint8_t> file = conformance_file("lm-tied");
  const Model canonical(file);
  std::vector<uint8_t> packed = pack(file, canonical.image, Layout::kPackedPairs);
  {
    const Model refused(packed);
    CHECK(refused.status == Status::kUnsupportedLayout);
    CHECK_EQ(refused.where, offsetof(Header, layout));
  }
  const test::UsedKernels used(packed_pairs_kernels());
  CHECK(Model(packed).status == Status::kOk);
  put(packed, offsetof(Header, layout), static_cast<uint16_t>(Layout::kPackedQuads));
  CHECK(Model(test::repaired(packed)).status == Status::kUnsupportedLayout);
  put(packed, offsetof(Header, layout), static_cast<uint16_t>(Layout::kRowMajor));
  CHECK(Model(test::repaired(packed)).status == Status::kBadTensor);
}

TEST("a matrix that is packed for another op is refused, and so is a weight of -128") {
  const std::vector<uint8_t> file = conformance_file("lm-untied");
  const Model canonical(file);
  const test::UsedKernels used(packed_pairs_kernels());
  const std::vector<uint8_t> packed = pack(file, canonical.image, Layout::kPackedPairs);
  for (OpCursor op(canonical.image); !op.done(); op.next()) {
    const OpView view = op.view();
    for (uint32_t i = 0; i < view.matrix_count; i++) {
      const uint16_t id = view.matrices[i].weight;
      std::vector<uint8_t> other = packed;
      uint8_t& dtype = other[tensor_at(canonical.image, id)];
      const auto rows = static_cast<uint8_t>(DType::kPacked), gates = static_cast<uint8_t>(DType::kPackedGates);
      dtype = dtype == rows ? gates : rows;
      const Status status = Model(test::repaired(other)).status;
      // Gates come in fours.
      CHECK(status == Status::kBadOperand || (status == Status::kBadTensor && canonical.image.tensor(id).dims[0] % 4));

      other = packed;
      other[canonical.image.tensor(id).offset] = 0x80;  // a weight of row b
      CHECK(Model(test::repaired(other)).status == Status::kBadOperand);
    }
  }
}
