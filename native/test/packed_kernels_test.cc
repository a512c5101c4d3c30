// The boards' kernels on packed weights against the reference kernels on the same weights, bit for bit.
#include <initializer_list>
#include <memory>

#include "native/kernels/variants.h"
#include "native/test/pack_weights.h"
#include "native/test/random_matrix.h"
#include "native/test/test.h"

using namespace linnet;
using test::Fill;
using test::Matrix;
using test::Random;

namespace {

constexpr int32_t kGuard = 0x5a5a5a5a;

// The same matrix in a packed layout, at a multiple of 16 as in an image.
struct PackedMatrix {
  test::AlignedBytes weights;
  DenseView view;

  PackedMatrix(const Matrix& m, Packing packing, Layout layout)
      : weights(packed(m.view, packing, layout)), view(m.view) {
    view.weight = reinterpret_cast<const int8_t*>(weights.data());
    view.packing = packing;
  }

  static std::vector<uint8_t> packed(const DenseView& v, Packing packing, Layout layout) {
    std::vector<int8_t> bytes(v.weight, v.weight + v.rows * v.columns);
    if (packing != Packing::kNone) bytes = test::pack_weights(v.weight, v.rows, v.columns, packing, layout);
    return {bytes.begin(), bytes.end()};
  }
};

// An input in the kernels' own form; under ASan nothing past its end can be read.
struct Prepared {
  test::AlignedBytes bytes;
  Prepared(const Kernels& k, const std::vector<int8_t>& x)
      : bytes(std::vector<uint8_t>(k.packed->prepared_bytes(static_cast<uint32_t>(x.size())))) {
    k.packed->prepare(x.data(), static_cast<uint32_t>(x.size()), data());
  }
  int8_t* data() { return reinterpret_cast<int8_t*>(bytes.data()); }
};

std::vector<int8_t> input(Random& random, Fill fill, uint32_t size) {
  std::vector<int8_t> x(size);
  for (auto& e : x) e = draw(random, fill, -128);
  return x;
}

const Kernels* const kPacked[] = {&packed_pairs_kernels(), &packed_quads_kernels()};
const Kernels& reference() {
  uint32_t count;
  return *kernel_variants(&count)[0].kernels;
}

}  // namespace

TEST("packed dense_i8 equals the reference for any rows, columns and first row, packed or not, and extreme values") {
  uint64_t seed = 50000;
  for (const Kernels* k : kPacked)
    for (uint32_t columns : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 33u, 63u, 200u, 512u, 515u, 516u, 514u, 1030u, 1031u})
      for (uint32_t rows : {1u, 3u, 4u, 5u, 8u, 18u})
        for (Fill fill : {Fill::kRandom, Fill::kLargest, Fill::kSmallest, Fill::kOpposite})
          for (Packing packing : {Packing::kNone, Packing::kRows}) {
            Random random(++seed);
            const Matrix m(random, rows, columns, fill, 0, seed % 3 != 0);
            const PackedMatrix packed(m, packing, k->packed->layout);
            const std::vector<int8_t> x = input(random, fill, columns);
            Prepared prepared(*k, x);
            const auto first = static_cast<uint32_t>(random.in(0, static_cast<int32_t>(rows) - 1));
            const auto count = static_cast<uint32_t>(random.in(1, static_cast<int32_t>(rows - first)));
            std::vector<int32_t> expected(count + 1, kGuard), got(count + 1, kGuard);
            reference().dense_i8(m.view, x.data(), first, count, expected.data());
            k->dense_i8(packed.view, prepared.data(), first, count, got.data());
            if (expected != got)
              std::printf("%s: seed %llu, %u x %u from %u, %u\n", k->name, static_cast<unsigned long long>(seed), rows,
                          columns, first, count);
            CHECK(expected == got);
          }
}

TEST("packed dense_i8_pair equals the reference on each of its two inputs") {
  uint64_t seed = 60000;
  for (const Kernels* k : kPacked) {
    if (k->packed->dense_i8_pair == nullptr) continue;
    for (uint32_t columns : {1u, 2u, 3u, 4u, 7u, 9u, 63u, 192u, 512u, 515u, 514u, 1030u, 1031u})
      for (uint32_t rows : {1u, 4u, 6u, 64u})
        for (Fill fill : {Fill::kRandom, Fill::kLargest, Fill::kSmallest, Fill::kOpposite})
          for (Packing packing : {Packing::kNone, Packing::kRows}) {
            Random random(++seed);
            const Matrix m(random, rows, columns, fill, 0, true);
            const PackedMatrix packed(m, packing, k->packed->layout);
            const std::vector<int8_t> x[2] = {input(random, fill, columns), input(random, Fill::kRandom, columns)};
            test::AlignedBytes pair(std::vector<uint8_t>(2 * k->packed->prepared_bytes(columns)));
            auto* inputs = reinterpret_cast<int8_t*>(pair.data());
            for (uint32_t i = 0; i < 2; i++) k->packed->prepare_of_pair(x[i].data(), columns, i, inputs);
            const auto first = static_cast<uint32_t>(random.in(0, static_cast<int32_t>(rows) - 1));
            const auto count = static_cast<uint32_t>(random.in(1, static_cast<int32_t>(rows - first)));
            std::vector<int32_t> expected(2 * count + 1, kGuard), got(2 * count + 1, kGuard);
            for (uint32_t i = 0; i < 2; i++)
              reference().dense_i8(m.view, x[i].data(), first, count, expected.data() + i * count);
            expected[2 * count] = kGuard;
            k->packed->dense_i8_pair(packed.view, inputs, first, count, got.data());
            if (expected != got)
              std::printf("%s pair: seed %llu, %u x %u\n", k->name, static_cast<unsigned long long>(seed), rows,
                          columns);
            CHECK(expected == got);
          }
  }
}

TEST("packed lstm_step_i8 equals the reference over several steps, state included, packed or not") {
  uint64_t seed = 70000;
  for (const Kernels* k : kPacked)
    for (uint32_t hidden : {1u, 3u, 8u, 50u, 200u})
      for (uint32_t inputs : {1u, 6u, 45u, 200u})
        for (Fill fill : {Fill::kRandom, Fill::kLargest, Fill::kSmallest})
          for (Packing packing : {Packing::kNone, Packing::kGates}) {
            Random random(++seed);
            Matrix w(random, 4 * hidden, inputs, fill, 0, true), u(random, 4 * hidden, hidden, fill, 0, false);
            for (auto* m : {&w, &u})
              for (auto& s : m->shift) s = static_cast<uint8_t>(random.in(30, 42));
            const LstmView view = {w.view, u.view, hidden};
            const PackedMatrix packed_w(w, packing, k->packed->layout), packed_u(u, packing, k->packed->layout);
            const LstmView packed = {packed_w.view, packed_u.view, hidden};
            std::vector<int8_t> h[2] = {std::vector<int8_t>(hidden), std::vector<int8_t>(hidden)};
            std::vector<int32_t> cell[2] = {std::vector<int32_t>(hidden), std::vector<int32_t>(hidden)};
            for (int step = 0; step < 4; step++) {
              const std::vector<int8_t> x = input(random, fill, inputs);
              std::vector<int8_t> out[2] = {std::vector<int8_t>(hidden), std::vector<int8_t>(hidden)};
              reference().lstm_step_i8(view, x.data(), h[0].data(), cell[0].data(), out[0].data());
              Prepared px(*k, x), ph(*k, h[1]);
              k->lstm_step_i8(packed, px.data(), ph.data(), cell[1].data(), out[1].data());
              for (int i = 0; i < 2; i++) h[i] = out[i];
            }
            const bool same = h[0] == h[1] && cell[0] == cell[1];
            if (!same) std::printf("%s lstm: seed %llu\n", k->name, static_cast<unsigned long long>(seed));
            CHECK(same);
          }
}

TEST("single rows can be read of packed weights, from any column") {
  uint64_t seed = 80000;
  for (const Kernels* k : kPacked)
    for (Packing packing : {Packing::kRows, Packing::kGates})
      for (uint32_t columns : {1u, 2u, 3u, 4u, 9u, 30u})
        for (uint32_t rows : {4u, 8u, 12u, 13u}) {
          if (packing == Packing::kGates && rows % 4 != 0) continue;
          Random random(++seed);
          const Matrix m(random, rows, columns, Fill::kRandom, 0, false);
          const PackedMatrix packed(m, packing, k->packed->layout);
          for (uint32_t row = 0; row < rows; row++)
            for (uint32_t first = 0; first < columns; first++) {
              std::vector<int8_t> got(columns - first);
              k->packed->read_row(packed.view, row, first, columns - first, got.data());
              const int8_t* expected = m.view.weight + row * columns + first;
              CHECK(std::equal(got.begin(), got.end(), expected));
            }
        }
}
