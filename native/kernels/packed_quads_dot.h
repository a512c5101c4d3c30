// The sums of four rows in quads: assembly for Thumb, C++ that computes the same words elsewhere.
#pragma once

#include <cstdint>

namespace linnet {

// Four sums each of `groups` groups, which lie one after another but for `skip` bytes between them, over `blocks` times
// two columns, at least one; `bias` is what the 128 in the lower three bytes make of all inputs. All 4-byte aligned.
void quads_dot(const int8_t* group, const int32_t* x, uint32_t blocks, int32_t* sums, uint32_t groups, uint32_t skip,
               int32_t bias);

}  // namespace linnet
