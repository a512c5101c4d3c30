// conv, pool, add and mul in whole models of random geometry against native/test/window_oracle.h, with every kernel
// variant; and images whose geometry is a little wrong.
#include <cstdio>

#include "linnet/kernels.h"
#include "native/test/host_variants.h"
#include "native/test/opened_image.h"
#include "native/test/random_model.h"
#include "native/test/test.h"

using namespace linnet;
using test::Array;
using test::OpenedImage;
using test::RandomModel;
using test::repaired;

namespace {

uint32_t steps(const Run& run, const PoolOp& op) { return run.time(op.output); }
uint32_t steps(const Run& run, const ConvOp& op) {
  const uint32_t all = conv_steps(run, op);
  CHECK_EQ(run.time(op.output), op.over_time == 0 ? all : 1);
  return all;
}

// The engine's idea of how many steps an op makes, at every length of the input.
template <typename Op>
void check_lengths(const OpenedImage& model, const Op& op) {
  const Header& h = *model.image.header;
  for (uint32_t n = h.min_tokens; n <= h.max_tokens; n++) {
    const Run run = {model.image, nullptr, nullptr, nullptr, n};
    CHECK_EQ(steps(run, op), test::count_positions(op, 0, run.time(op.input)));
  }
}

}  // namespace

TEST("random chains of conv, pool, add and mul give the oracle's bits at every length, with every kernel variant") {
  const std::vector<KernelVariant> variants = test::host_variants();
  int compared = 0;
  for (uint64_t seed = 1; seed <= 400; seed++) {
    const uint32_t tokens = 1 + static_cast<uint32_t>(seed % 14);
    RandomModel model(seed, 14, tokens);
    model.random_layers(1 + static_cast<int>(seed % 4));
    OpenedImage opened(model.finish());
    if (opened.status != Status::kOk) {
      std::printf("seed %llu: refused, %d at %u\n", static_cast<unsigned long long>(seed),
                  static_cast<int>(opened.status), opened.where);
      CHECK_EQ(static_cast<int>(opened.status), 0);
      continue;
    }
    for (const KernelVariant& variant : variants) {
      if (!variant.available) continue;
      const test::UsedKernels used(*variant.kernels);
      opened.classify(model.ids);
      for (size_t i = 0; i < model.values.size(); i++) {
        const Array got = opened.read(model.values[i].id, tokens), &expected = model.values[i].array;
        const bool same =
            got.steps == expected.steps && got.features == expected.features && got.values == expected.values;
        if (!same)
          std::printf("seed %llu, %s: value %zu differs, [%u, %u] for [%u, %u]\n",
                      static_cast<unsigned long long>(seed), variant.kernels->name, i, got.steps, got.features,
                      expected.steps, expected.features);
        CHECK(same);
        compared++;
      }
    }
  }
  CHECK(compared > 1000);
}

TEST("an op whose numbers are changed is refused, or its lengths are still those that counting gives") {
  int refused = 0, accepted = 0;
  for (uint64_t seed = 1; seed <= 150; seed++) {
    RandomModel model(seed, 14, 14);
    model.random_layers(1);
    const std::vector<uint8_t> good = model.finish();
    const OpenedImage original(good);
    const uint32_t at = original.image.header->ops.offset + sizeof(EmbeddingOp);
    const auto record = *reinterpret_cast<const OpRecord*>(good.data() + at);
    for (uint32_t field = 0; field < record.size; field += 2)
      for (const int change : {-1, 1, 2, 0x100, 0x8000}) {
        std::vector<uint8_t> bytes = good;
        uint16_t value;
        std::memcpy(&value, bytes.data() + at + field, 2);
        value = static_cast<uint16_t>(value + change);
        std::memcpy(bytes.data() + at + field, &value, 2);
        OpenedImage changed(repaired(bytes));
        if (changed.status != Status::kOk) {
          CHECK(changed.where == at || changed.status == Status::kBadResult);
          refused++;
          continue;
        }
        accepted++;
        changed.classify(model.ids);
        const uint8_t* changed_record = changed.bytes.data() + at;
        if (record.type == OpType::kConv) check_lengths(changed, *reinterpret_cast<const ConvOp*>(changed_record));
        if (record.type == OpType::kPool) check_lengths(changed, *reinterpret_cast<const PoolOp*>(changed_record));
      }
  }
  CHECK(refused > accepted);
  CHECK(accepted > 100);
}

TEST("a tensor whose steps or width are changed is refused") {
  for (uint64_t seed = 1; seed <= 150; seed++) {
    RandomModel model(seed, 14, 14);
    model.random_layers(1);
    const uint16_t output = model.values.back().id;
    const std::vector<uint8_t> good = model.finish();
    const OpenedImage original(good);
    const uint32_t at = original.image.header->tensors.offset + output * uint32_t{sizeof(Tensor)};
    for (const size_t field : {offsetof(Tensor, dims), offsetof(Tensor, dims) + 4, offsetof(Tensor, time_factor),
                               offsetof(Tensor, time_divisor), offsetof(Tensor, time_offset)})
      for (const int change : {-1, 1}) {
        std::vector<uint8_t> bytes = good;
        bytes[at + field] = static_cast<uint8_t>(bytes[at + field] + change);
        const OpenedImage changed(repaired(bytes));
        CHECK(changed.status == Status::kBadTensor || changed.status == Status::kBadShape ||
              changed.status == Status::kBadOrder);
      }
  }
}

TEST("a window may not lie on its output or on what is still read") {
  RandomModel model(7, 14, 14);
  while (model.windows.empty()) model.random_layers(1);
  const uint16_t window = model.windows.back();
  const std::vector<uint8_t> good = model.finish();
  const OpenedImage original(good);
  CHECK_EQ(static_cast<int>(original.status), 0);
  const test::Value& output = model.values.back();
  const test::Value& input = model.values[model.values.size() - 2];
  for (const uint16_t other : {output.id, input.id}) {
    std::vector<uint8_t> bytes = good;
    const uint32_t at = original.image.header->tensors.offset + window * uint32_t{sizeof(Tensor)};
    std::memcpy(bytes.data() + at + offsetof(Tensor, offset), &original.image.tensor(other).offset, 4);
    const OpenedImage changed(repaired(bytes));
    CHECK_EQ(static_cast<int>(changed.status), static_cast<int>(Status::kBadOrder));
  }
}
