// Random matrices for kernels, off alignment and with extreme values.
#pragma once

#include <cstdlib>
#include <memory>
#include <vector>

#include "linnet/kernels.h"
#include "native/test/data.h"

namespace linnet::test {

// kOpposite: the two factors of a product have other signs.
enum class Fill { kRandom, kLargest, kSmallest, kOpposite };

inline int8_t draw(Random& random, Fill fill, int32_t low) {
  if (fill == Fill::kLargest) return 127;
  if (fill == Fill::kOpposite) return low == -127 ? int8_t{127} : int8_t{-128};
  if (fill == Fill::kSmallest) return static_cast<int8_t>(low);
  return static_cast<int8_t>(random.in(low, 127));
}

// A random matrix whose weights sit `offset` bytes off a vector boundary.
struct Matrix {
  std::vector<int8_t> weights;
  std::vector<int32_t> bias, multiplier;
  std::vector<uint8_t> shift;
  std::unique_ptr<uint8_t, decltype(&std::free)> packed{nullptr, &std::free};
  DenseView view;

  Matrix(Random& random, uint32_t rows, uint32_t columns, Fill fill, uint32_t offset, bool with_bias,
         uint32_t sections = 1)
      : weights(offset + rows * columns), bias(rows), multiplier(rows), shift(rows) {
    for (uint32_t i = offset; i < weights.size(); i++) weights[i] = draw(random, fill, -127);
    for (uint32_t r = 0; r < rows; r++) {
      bias[r] = random.in(-2000000, 2000000);
      multiplier[r] = random.in(0, 9) == 0 ? 0 : (1 << 30) + static_cast<int32_t>(random.next() >> 2);
      shift[r] = static_cast<uint8_t>(random.in(17, 62));
    }
    packed.reset(static_cast<uint8_t*>(std::aligned_alloc(64, packed_bytes(rows, columns, sections))));
    view = {weights.data() + offset,
            with_bias ? bias.data() : nullptr,
            multiplier.data(),
            shift.data(),
            rows,
            columns,
            rows / sections,
            packed.get()};
    pack();
  }
  // For the kernels of this computer; again, after a change.
  void pack() { pack_dense(view, packed.get()); }
};

}  // namespace linnet::test
