// Every kernel variant this CPU runs against the reference kernels, bit for bit.
#include "linnet/kernels.h"

#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <memory>

#include "linnet/digest.h"
#include "native/kernels/variants.h"
#include "native/test/host_variants.h"
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
    std::vector<KernelVariant> list = test::host_variants();
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

TEST("dense_i8: any rows of a matrix in sections, as a recurrent layer's gates are, and of one that is not packed") {
  uint32_t count;
  const KernelVariant* all = variants(&count);
  uint64_t seed = 500;
  for (uint32_t v = 1; v < count; v++) {
    if (!all[v].available) continue;
    for (uint32_t sections : {1u, 3u, 4u})
      for (uint32_t size : {1u, 15u, 16u, 17u, 50u}) {
        Random random(++seed);
        const uint32_t rows = sections * size, columns = 37;
        Matrix m(random, rows, columns, Fill::kRandom, 0, true, sections);
        std::vector<int8_t> x(columns);
        for (auto& e : x) e = draw(random, Fill::kRandom, -128);
        for (int i = 0; i < 20; i++) {
          const auto first = static_cast<uint32_t>(random.in(0, static_cast<int32_t>(rows) - 1));
          const auto n = static_cast<uint32_t>(random.in(1, static_cast<int32_t>(rows - first)));
          std::vector<int32_t> expected(n), got(n), plain(n);
          all[0].kernels->dense_i8(m.view, x.data(), first, n, expected.data());
          all[v].kernels->dense_i8(m.view, x.data(), first, n, got.data());
          DenseView unpacked = m.view;
          unpacked.packed = nullptr;
          all[v].kernels->dense_i8(unpacked, x.data(), first, n, plain.data());
          if (expected != got) describe("dense_i8 in sections", all[v].kernels->name, seed, rows, columns);
          CHECK(expected == got);
          CHECK(expected == plain);
        }
      }
  }
}

TEST("dense_many_i8: every variant equals the reference for any number of positions at any distance") {
  uint32_t count;
  const KernelVariant* all = variants(&count);
  uint64_t seed = 700;
  for (uint32_t v = 1; v < count; v++) {
    if (!all[v].available) continue;
    for (uint32_t positions : {1u, 2u, 3u, 4u, 5u, 8u, 9u, 17u})
      for (uint32_t columns : {1u, 4u, 7u, 64u, 203u})
        for (uint32_t stride : {0u, 5u, 64u}) {
          Random random(++seed);
          const uint32_t rows = 1 + seed % 40, first = seed % rows, n = rows - first;
          const Matrix m(random, rows, columns, seed % 3 == 0 ? Fill::kLargest : Fill::kRandom, 0, true);
          std::vector<int8_t> x(stride * (positions - 1) + columns);
          for (auto& e : x) e = draw(random, Fill::kRandom, -128);
          std::vector<int32_t> expected(positions * n + 1, 7), got(positions * n + 1, 7);
          all[0].kernels->dense_many_i8(m.view, x.data(), stride, positions, first, n, expected.data());
          all[v].kernels->dense_many_i8(m.view, x.data(), stride, positions, first, n, got.data());
          if (expected != got) describe("dense_many_i8", all[v].kernels->name, seed, rows, columns);
          CHECK(expected == got);
        }
  }
}

TEST("lstm_step_i8 and lstm_recur_i8: every variant equals the reference over several steps, state included") {
  uint32_t count;
  const KernelVariant* all = variants(&count);
  uint64_t seed = 1000;
  for (uint32_t v = 1; v < count; v++) {
    if (!all[v].available) continue;
    for (uint32_t hidden : {1u, 8u, 32u, 33u, 50u, 200u})
      for (uint32_t inputs : {8u, 32u, 45u, 200u})
        for (Fill fill : {Fill::kRandom, Fill::kLargest, Fill::kSmallest}) {
          Random random(++seed);
          Matrix w(random, 4 * hidden, inputs, fill, 0, true, 4), u(random, 4 * hidden, hidden, fill, 0, false, 4);
          for (auto* m : {&w, &u}) {
            for (auto& s : m->shift) s = static_cast<uint8_t>(random.in(34, 42));
            m->pack();
          }
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
              if (step % 2 == 0) {
                k[i]->lstm_step_i8(view, x.data(), runs[i].hidden.data(), runs[i].cell.data(), runs[i].output.data());
              } else {
                std::vector<int32_t> terms(4 * hidden);
                k[i]->dense_i8(w.view, x.data(), 0, 4 * hidden, terms.data());
                k[i]->lstm_recur_i8(view, terms.data(), runs[i].hidden.data(), runs[i].cell.data(),
                                    runs[i].output.data());
              }
              runs[i].hidden = runs[i].output;
            }
            const bool same = runs[0].output == runs[1].output && runs[0].cell == runs[1].cell;
            if (!same) describe("lstm_step_i8", all[v].kernels->name, seed, hidden, inputs);
            CHECK(same);
          }
        }
  }
}

TEST("sum_exp: every variant equals the reference at any length, from logits at the largest to those without a share") {
  uint32_t count;
  const KernelVariant* all = variants(&count);
  Random random(2000);
  for (uint32_t v = 1; v < count; v++) {
    if (!all[v].available) continue;
    for (uint32_t length : {0u, 1u, 7u, 8u, 15u, 16u, 17u, 255u, 512u})
      for (const int32_t span : {1, 300, 65535})
        for (unsigned up = 0; up <= 10; up++) {
          const int32_t largest = random.in(-32768 + span, 32767);
          std::vector<int16_t> logits(length);
          for (auto& l : logits) l = static_cast<int16_t>(largest - random.in(0, span));
          const uint64_t expected = all[0].kernels->sum_exp(logits.data(), length, largest, up);
          const uint64_t got = all[v].kernels->sum_exp(logits.data(), length, largest, up);
          if (got != expected) describe("sum_exp", all[v].kernels->name, up, length, static_cast<uint32_t>(span));
          CHECK_EQ(got, expected);
        }
  }
}

TEST("first_above: every variant equals the reference, wherever it is and whatever the limit") {
  uint32_t count;
  const KernelVariant* all = variants(&count);
  Random random(2500);
  for (uint32_t v = 0; v < count; v++) {
    if (!all[v].available) continue;
    const auto first_above = all[v].kernels->first_above;
    for (uint32_t length : {0u, 1u, 15u, 16u, 31u, 32u, 33u, 64u, 100u, 512u}) {
      std::vector<int16_t> logits(length);
      for (auto& l : logits) l = static_cast<int16_t>(random.in(-32768, 32767));
      for (const int32_t limit : {INT32_MIN, -32769, -32768, -1, 0, 32000, 32766, 32767, INT32_MAX}) {
        uint32_t expected = 0;
        while (expected < length && logits[expected] <= limit) expected++;
        CHECK_EQ(first_above(logits.data(), length, limit), expected);
      }
      for (uint32_t at = 0; at < length; at++) {
        std::vector<int16_t> one(length, -32768);
        one[at] = -32767;
        CHECK_EQ(first_above(one.data(), length, -32768), at);
        CHECK_EQ(first_above(one.data(), length, -32767), length);
      }
    }
  }
}

namespace {

template <typename T>
void check_narrow(const Kernels& k, void (*Kernels::*narrow)(const int32_t*, uint32_t, int32_t, T*), int32_t low) {
  Random random(3000);
  uint32_t count;
  const Kernels& reference = *variants(&count)[0].kernels;
  for (uint32_t length : {0u, 1u, 15u, 16u, 17u, 31u, 33u, 512u}) {
    std::vector<int32_t> v(length);
    for (auto& e : v) e = random.next() % 4 == 0 ? static_cast<int32_t>(random.next()) : random.in(-300, 300);
    if (length > 1) v[0] = INT32_MAX, v[1] = INT32_MIN;
    std::vector<T> expected(length + 1, 99), got(length + 1, 99);
    (reference.*narrow)(v.data(), length, low, expected.data());
    (k.*narrow)(v.data(), length, low, got.data());
    if (expected != got) describe("narrow", k.name, 3000, length, sizeof(T));
    CHECK(expected == got);
  }
}

}  // namespace

TEST("narrow_i8 and narrow_i16: every variant equals the reference at any length, and writes no more") {
  uint32_t count;
  const KernelVariant* all = variants(&count);
  for (uint32_t v = 1; v < count; v++) {
    if (!all[v].available) continue;
    for (const int32_t low : {-127, 0}) check_narrow<int8_t>(*all[v].kernels, &Kernels::narrow_i8, low);
    for (const int32_t low : {-32768, 0}) check_narrow<int16_t>(*all[v].kernels, &Kernels::narrow_i16, low);
  }
}

TEST("crc32: every variant equals the reference at any length and alignment, and chains") {
  uint32_t count;
  const KernelVariant* all = variants(&count);
  Random random(4000);
  for (uint32_t v = 0; v < count; v++) {
    if (!all[v].available) continue;
    const auto crc = all[v].kernels->crc32;
    CHECK_EQ(crc("123456789", 9, 0), 0xcbf43926u);  // the check value of its definition
    for (uint32_t length : {0u, 1u, 15u, 16u, 63u, 64u, 65u, 79u, 80u, 127u, 128u, 129u, 1000u, 4096u})
      for (uint32_t offset : {0u, 1u, 7u}) {
        std::vector<uint8_t> bytes(offset + length);
        for (auto& b : bytes) b = static_cast<uint8_t>(random.next());
        const uint32_t start = random.next() % 2 == 0 ? 0 : static_cast<uint32_t>(random.next());
        const uint32_t expected = crc32(bytes.data() + offset, length, start);
        CHECK_EQ(crc(bytes.data() + offset, length, start), expected);
        const uint32_t half = length / 2;
        CHECK_EQ(crc(bytes.data() + offset + half, length - half, crc(bytes.data() + offset, half, start)), expected);
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
