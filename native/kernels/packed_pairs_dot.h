// The sums of four rows in pairs: DSP instructions where there are any, C++ that computes the same words elsewhere.
#pragma once

#include <cstdint>

namespace linnet {

// sums[0 … 3] of `blocks` times four columns, 1 … 128 of them. Everything is 4-byte aligned.
void pairs_dot(const int8_t* group, const int16_t* x, uint32_t blocks, int32_t* sums);

// The same for two inputs, of which x holds two columns in turn: sums[0 … 3] of the first, sums[4 … 7] of the second.
// `blocks` times two columns, 1 … 256 of them.
void pairs_dot_two(const int8_t* group, const int16_t* x, uint32_t blocks, int32_t* sums);

// out[k] = x[k]; returns how many were done, `columns` or some less. x may lie anywhere.
uint32_t pairs_widen(const int8_t* x, uint32_t columns, int16_t* out);

}  // namespace linnet
