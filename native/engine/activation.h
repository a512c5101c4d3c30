// Results on their way into an activation tensor: docs/numerics.md, 3, "The result v is activated".
#pragma once

#include "linnet/kernels.h"
#include "linnet/schema/image.h"

namespace linnet {

// Results made and activated at a time: the only buffer between a sum and its activation, and what bounds the stack.
#ifdef LINNET_HOST
constexpr uint32_t kRowBlock = 512;
#else
constexpr uint32_t kRowBlock = 64;
#endif

// block(first, count) for blocks of results that cover [0, size).
template <typename Block>
void for_blocks(uint32_t size, const Block& block) {
  for (uint32_t first = 0; first < size; first += kRowBlock)
    block(first, size - first < kRowBlock ? size - first : kRowBlock);
}

// out[i] = v[i], activated. tanh and sigmoid: v is Q3.12, out Q0.7.
void activate(uint8_t activation, const int32_t* v, uint32_t count, int8_t* out);
// none and relu only.
void activate(uint8_t activation, const int32_t* v, uint32_t count, int16_t* out);

// so_far[i] = the larger one of itself and v[i], activated; itself it was activated before. count <= kRowBlock.
void activate_largest(uint8_t activation, const int32_t* v, uint32_t count, int8_t* so_far);

// out[i] = row first + i of dense(x), activated. T is int8_t or int16_t.
template <typename T>
void dense_rows(const DenseView& w, const int8_t* x, uint32_t first, uint32_t count, uint8_t activation, T* out) {
  for_blocks(count, [&](uint32_t done, uint32_t size) {
    int32_t block[kRowBlock];
    kernels().dense_i8(w, x, first + done, size, block);
    activate(activation, block, size, out + done);
  });
}

}  // namespace linnet
