// Every kernel variant this CPU runs against the reference kernels, bit for bit.
#include "linnet/kernels.h"

#include <cstring>
#include <initializer_list>

#include "native/kernels/variants.h"
#include "native/test/random_matrix.h"
#include "native/test/test.h"

using namespace linnet;
using test::Fill;
using test::Matrix;
using test::Random;

namespace {

// Those of this computer, and boards' that read the same weights, in their portable form.
const KernelVariant* variants(uint32_t* count) {
  static const std::vector<KernelVariant> all = [] {
    uint32_t own;
    const KernelVariant* of_host = kernel_variants(&own);
    std::vector<KernelVariant> list(of_host, of_host + own);
    list.push_back({&rv32_kernels(), true});
    list.push_back({&mve_kernels(), true});
    return list;
  }();
  *count = static_cast<uint32_t>(all.size());
  return all.data();
}

void describe(const char* kernel, const char* variant, uint64_t seed, uint32_t rows, uint32_t columns) {
  std::printf("%s %s: seed %llu, %u rows, %u columns\n", kernel, variant, static_cast<unsigned long long>(seed), rows,
              columns);
}

}  // namespace

TEST(
    "dense_i8: every variant equals the reference at lengths around the vector width, any alignment and extreme "
    "values") {
  uint32_t count;
  const KernelVariant* all = variants(&count);
  const Kernels& reference = *all[0].kernels;
  uint64_t seed = 1;
  for (uint32_t v = 1; v < count; v++) {
    if (!all[v].available) continue;
    for (uint32_t columns : {1u, 7u, 31u, 32u, 33u, 63u, 64u, 65u, 96u, 127u, 200u, 516u, 1000u})
      for (uint32_t rows : {1u, 3u, 4u, 5u, 17u})
        for (Fill fill : {Fill::kRandom, Fill::kLargest, Fill::kSmallest})
          for (uint32_t offset : {0u, 1u, 13u}) {
            Random random(++seed);
            const Matrix m(random, rows, columns, fill, offset, offset != 1);
            std::vector<int8_t> x(offset + columns);
            for (auto& e : x) e = draw(random, fill, -128);
            constexpr int32_t kGuard = 0x5a5a5a5a;
            std::vector<int32_t> expected(rows + 1, kGuard), got(rows + 1, kGuard);
            const uint32_t first = rows > 3 ? 1 : 0;
            reference.dense_i8(m.view, x.data() + offset, first, rows - first, expected.data());
            all[v].kernels->dense_i8(m.view, x.data() + offset, first, rows - first, got.data());
            if (expected != got) describe("dense_i8", all[v].kernels->name, seed, rows, columns);
            CHECK(expected == got);
            CHECK_EQ(got[rows - first], kGuard);
          }
  }
}

TEST("lstm_step_i8: every variant equals the reference over several steps, state included") {
  uint32_t count;
  const KernelVariant* all = variants(&count);
  uint64_t seed = 1000;
  for (uint32_t v = 1; v < count; v++) {
    if (!all[v].available) continue;
    for (uint32_t hidden : {1u, 8u, 32u, 33u, 50u, 200u})
      for (uint32_t inputs : {8u, 32u, 45u, 200u})
        for (Fill fill : {Fill::kRandom, Fill::kLargest, Fill::kSmallest}) {
          Random random(++seed);
          Matrix w(random, 4 * hidden, inputs, fill, 0, true), u(random, 4 * hidden, hidden, fill, 0, false);
          for (auto* m : {&w, &u})
            for (auto& s : m->shift) s = static_cast<uint8_t>(random.in(34, 42));
          const LstmView view = {w.view, u.view, hidden};
          struct Run {
            std::vector<int8_t> hidden, output;
            std::vector<int32_t> cell;
          } runs[2];
          for (auto& run : runs)
            run = {std::vector<int8_t>(hidden), std::vector<int8_t>(hidden), std::vector<int32_t>(hidden)};
          for (int step = 0; step < 5; step++) {
            std::vector<int8_t> x(inputs);
            for (auto& e : x) e = draw(random, fill, -127);
            const Kernels* k[2] = {all[0].kernels, all[v].kernels};
            for (int i = 0; i < 2; i++) {
              k[i]->lstm_step_i8(view, x.data(), runs[i].hidden.data(), runs[i].cell.data(), runs[i].output.data());
              runs[i].hidden = runs[i].output;
            }
            const bool same = runs[0].output == runs[1].output && runs[0].cell == runs[1].cell;
            if (!same) describe("lstm_step_i8", all[v].kernels->name, seed, hidden, inputs);
            CHECK(same);
          }
        }
  }
}

TEST("kernels can be forced by name, and an unknown name changes nothing") {
  CHECK(select_kernels("reference"));
  CHECK(std::strcmp(kernels().name, "reference") == 0);
  CHECK(!select_kernels("no such kernels"));
  CHECK(std::strcmp(kernels().name, "reference") == 0);
  CHECK(select_kernels("auto"));
  uint32_t count;
  const KernelVariant* all = kernel_variants(&count);
  for (uint32_t v = 0; v < count; v++) CHECK_EQ(select_kernels(all[v].kernels->name), all[v].available);
  CHECK(select_kernels(nullptr));
}
