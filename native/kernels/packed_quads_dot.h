// The sums of four rows in quads: assembly for Thumb, C++ that computes the same words elsewhere.
#pragma once

#include <cstdint>

namespace linnet {

// sums[i] = Σ (word >> (24 - 8·i)) · x modulo 2^32, over `blocks` times four columns, at least one. All 4-byte aligned.
void quads_dot(const int8_t* group, const int32_t* x, uint32_t blocks, uint32_t* sums);

}  // namespace linnet
