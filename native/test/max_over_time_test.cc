// A conv that keeps the largest of all steps is a conv and a pool over all steps, bit for bit: random ones, under every
// kernel variant of this computer and of the boards, in their layouts and in the canonical one.
#include <cstdio>

#include "linnet/kernels.h"
#include "native/engine/activation.h"
#include "native/kernels/variants.h"
#include "native/test/host_variants.h"
#include "native/test/opened_image.h"
#include "native/test/pack_image.h"
#include "native/test/random_model.h"
#include "native/test/test.h"

using namespace linnet;
using test::OpenedImage;
using test::RandomModel;
using test::UsedKernels;

namespace {

// The variants, reference first.
std::vector<const Kernels*> all_kernels() {
  uint32_t count;
  const KernelVariant* of_host = kernel_variants(&count);
  std::vector<const Kernels*> all;
  for (uint32_t v = 0; v < count; v++)
    if (of_host[v].available) all.push_back(of_host[v].kernels);
  for (const Kernels* board : {&packed_pairs_kernels(), &packed_quads_kernels(), &rv32_kernels(), &mve_kernels()})
    all.push_back(board);
  return all;
}

// What the last layer of a model makes of the model's tokens.
std::vector<int8_t> answer(const RandomModel& model, const std::vector<uint8_t>& image) {
  OpenedImage opened(image);
  CHECK_EQ(static_cast<int>(opened.status), 0);
  if (opened.status != Status::kOk) return {};
  opened.classify(model.ids);
  return opened.read(model.values.back().id, static_cast<uint32_t>(model.ids.size())).values;
}

}  // namespace

TEST("the largest of all steps is what a pool over all steps finds, under every kernel variant and in every layout") {
  const std::vector<const Kernels*> all = all_kernels();
  for (uint64_t seed = 1; seed <= 300; seed++) {
    const uint32_t tokens = 1 + static_cast<uint32_t>(seed % 14);
    RandomModel plain(seed, 14, tokens), fused(seed, 14, tokens);
    plain.random_conv(OverTime::kEveryStep);
    plain.max_over_time();
    fused.random_conv(OverTime::kLargest);
    const std::vector<int8_t>& expected = plain.values.back().array.values;
    CHECK(fused.values.back().array.values == expected);
    const std::vector<uint8_t> unfused_image = plain.finish(), image = fused.finish();
    CHECK(image.size() < unfused_image.size());
    const OpenedImage canonical(image);
    for (const Kernels* k : all) {
      const UsedKernels used(*k);
      bool same = answer(plain, unfused_image) == expected && answer(fused, image) == expected;
      if (k->packed != nullptr)
        same = same && answer(fused, test::pack(image, canonical.image, k->packed->layout)) == expected;
      if (!same) std::printf("seed %llu, %s\n", static_cast<unsigned long long>(seed), k->name);
      CHECK(same);
    }
  }
}

TEST("the largest of all steps is right behind other layers, of every length there can be") {
  for (uint64_t seed = 1; seed <= 40; seed++)
    for (uint32_t tokens = 1; tokens <= 14; tokens++) {
      RandomModel model(seed, 14, tokens);
      model.random_layers(1);
      model.random_conv(OverTime::kLargest);
      CHECK(answer(model, model.finish()) == model.values.back().array.values);
    }
}

TEST("no activation ever falls, so the largest result is what becomes of the largest sum") {
  for (uint8_t activation = 0; activation <= static_cast<uint8_t>(Activation::kSigmoid); activation++) {
    int8_t before = -128;
    for (int32_t v = -33000; v <= 33000; v++) {
      int8_t now;
      activate(activation, &v, 1, &now);
      CHECK(now >= before);
      before = now;
    }
    for (const int32_t far : {INT32_MIN, INT32_MAX}) {
      const int32_t near = far < 0 ? -33000 : 33000;
      int8_t at_far, at_near;
      activate(activation, &far, 1, &at_far);
      activate(activation, &near, 1, &at_near);
      CHECK_EQ(at_far, at_near);
    }
  }
}
