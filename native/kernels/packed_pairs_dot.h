// The sums of four rows in pairs: DSP instructions where there are any, C++ that computes the same words elsewhere.
#pragma once

#include <cstdint>

namespace linnet {

// Four sums each of `groups` groups, which lie one after another but for `skip` bytes between them, over `blocks` times
// four columns, 1 … 128 of them, and two more if `pair` is not 0. Everything is 4-byte aligned.
void pairs_dot(const int8_t* group, const int16_t* x, uint32_t blocks, int32_t* sums, uint32_t groups, uint32_t skip,
               uint32_t pair);

// The same for two inputs, of which x holds two columns in turn: of each group four sums of the first, four of the
// second. `blocks` times two columns, 1 … 256 of them.
void pairs_dot_two(const int8_t* group, const int16_t* x, uint32_t blocks, int32_t* sums, uint32_t groups,
                   uint32_t skip);

// Makes int16 of x, which may lie anywhere, two columns at `out` and the next two `step` elements later; returns how
// many columns were done, all or some less.
uint32_t pairs_widen(const int8_t* x, uint32_t columns, int16_t* out, uint32_t step);

}  // namespace linnet
