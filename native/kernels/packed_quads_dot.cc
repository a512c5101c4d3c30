#include "native/kernels/packed_quads_dot.h"

namespace linnet {

void quads_dot(const int8_t* group, const int32_t* x, uint32_t blocks, uint32_t* sums) {
  uint32_t upper[4] = {};
  for (uint32_t k = 0; k < 4 * blocks; k++, group += 4) {
    int32_t word;
    __builtin_memcpy(&word, group, 4);
    const auto factor = static_cast<uint32_t>(x[k]);
    for (uint32_t lane = 0; lane < 4; lane++) upper[lane] += static_cast<uint32_t>(word >> (24 - 8 * lane)) * factor;
  }
  for (uint32_t lane = 0; lane < 4; lane++) sums[lane] = upper[lane];
}

}  // namespace linnet
