// conv, pool, add and mul as docs/numerics.md writes them, element by element, on arrays that know their size: what
// the engine's windows, blocks and gathered pieces are held against. Lengths are counted, not computed.
#pragma once

#include "native/test/image_builder.h"

namespace linnet::test {

struct Array {
  uint32_t steps, features;
  std::vector<int8_t> values;

  int8_t at(int64_t step, int64_t feature) const { return values[static_cast<size_t>(step * features + feature)]; }
};

// A matrix whose rows have one multiplier and shift.
struct Filters {
  uint32_t count;
  std::vector<int8_t> weights;
  std::vector<int32_t> bias;
  int32_t multiplier;
  uint8_t shift;
};

// Positions of an output on one axis; 0 if there is none.
uint32_t count_positions(const ConvOp& op, int axis, uint32_t n);
uint32_t count_positions(const PoolOp& op, int axis, uint32_t n);

// The time form of an output, from that of the input.
TimeForm time_after(const TimeForm& in, const ConvOp& op);
TimeForm time_after(const TimeForm& in, const PoolOp& op);

// Whether a conv needs no window: docs/format.md, "lie in one piece".
bool lies_in_one_piece(const ConvOp& op, uint32_t width);

Array conv(const Array& in, const ConvOp& op, const Filters& filters);
Array pool(const Array& in, const PoolOp& op);
Array add(const Array& a, const Array& b, const AddOp& op);
Array mul(const Array& a, const Array& b, const MulOp& op);

}  // namespace linnet::test
