// The sums of four rows in quads: assembly for Thumb, C++ that computes the same words elsewhere.
#pragma once

#include <cstdint>

namespace linnet {

// sums[i] = Σ (word >> (24 - 8·i)) · x modulo 2^32, four for each of `groups` groups, which lie one after another but
// for `skip` bytes between them, over `blocks` times two columns, at least one. All 4-byte aligned.
void quads_dot(const int8_t* group, const int32_t* x, uint32_t blocks, int32_t* sums, uint32_t groups, uint32_t skip);

}  // namespace linnet
