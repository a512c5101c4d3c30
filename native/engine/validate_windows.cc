// conv and pool: docs/format.md, "conv and pool, shapes". Positions fit 32 bits whatever the record says: they are at
// most 2^20 features or steps, times an upsampling of 64, and kernels reach over 64 · 65535. So do the terms of a time
// form, 64 · 2^24 and 65535 · 2^14: on time a kernel is at most 64 and its padding 2 · 4096.
#include "native/engine/validate_op.h"

namespace linnet {
namespace {

// How windows lie on one axis.
struct Axis {
  int32_t kernel, stride, dilation, upsample, padding;

  Axis(const ConvOp& op, int axis)
      : kernel(op.kernel[axis]),
        stride(op.stride[axis]),
        dilation(op.dilation[axis]),
        upsample(op.upsample[axis]),
        padding(op.pad_begin[axis] + op.pad_end[axis]) {}
  Axis(const PoolOp& op, int axis)
      : kernel(op.kernel[axis]),
        stride(op.stride[axis]),
        dilation(1),
        upsample(1),
        padding(op.pad_begin[axis] + op.pad_end[axis]) {}

  // Windows on n >= 1 positions.
  int32_t windows(int32_t n) const {
    const int32_t last = upsample * (n - 1) + 1 + padding - dilation * (kernel - 1) - 1;
    return last < 0 ? 0 : last / stride + 1;
  }

  // Whether `out` has the steps that come of those of `in`, whatever the input's length.
  bool time_follows(const Tensor& in, const Tensor& out) const {
    if (upsample != 1 && in.time_divisor != 1) return false;
    const int32_t b = padding - dilation * (kernel - 1) - upsample + stride;
    return static_cast<int32_t>(out.dims[0]) == windows(static_cast<int32_t>(in.dims[0])) &&
           out.time_factor == upsample * in.time_factor &&
           out.time_offset == upsample * in.time_offset + b * in.time_divisor &&
           out.time_divisor == in.time_divisor * stride;
  }
};

// Width of a step of so many channels; 0 if it has no whole one.
uint32_t width(const Tensor& t, uint32_t channels) { return features(t) % channels == 0 ? features(t) / channels : 0; }

// channels is of the input, per_position what the output has at each position.
template <typename Op>
void check_width(OpChecker& c, const Op& op, uint32_t per_position) {
  const uint32_t w = width(c.tensor(op.input), op.channels);
  const auto m = static_cast<uint32_t>(w == 0 ? 0 : Axis(op, 1).windows(static_cast<int32_t>(w)));
  c.shape(m >= 1 && features(c.tensor(op.output)) == uint64_t{m} * per_position);
}

// `kept`: of an output that has the steps. One that has not cannot say that the shortest input has a window.
template <typename Op>
void check_time(OpChecker& c, const Op& op, bool kept) {
  const Tensor& in = c.tensor(op.input);
  const Axis along(op, 0);
  if (in.time && kept) return c.shape(along.time_follows(in, c.tensor(op.output)));
  const int32_t tokens = c.header().min_tokens;
  const int32_t windows = along.windows(in.time ? (in.time_factor * tokens + in.time_offset) / in.time_divisor : 1);
  c.shape(in.time ? windows >= 1 : windows == 1);
}

// Whether every window lies in one piece, so that none is ever gathered.
bool in_one_piece(const ConvOp& op, const Tensor& input) {
  const bool plain = op.groups == 1 && op.upsample[0] == 1 && op.upsample[1] == 1 && op.pad_begin[0] == 0 &&
                     op.pad_begin[1] == 0 && op.pad_end[0] == 0 && op.pad_end[1] == 0;
  return plain && (op.kernel[1] == 1 || op.dilation[1] == 1) &&
         (op.kernel[0] == 1 || (op.dilation[0] == 1 && op.kernel[1] == features(input) / op.channels));
}

}  // namespace

void check(OpChecker& c, const ConvOp& op) {
  const Want want = c.sequence_or_vector(op.input);
  const bool largest = op.over_time == static_cast<uint8_t>(OverTime::kLargest);
  c.operand(op.input, want);
  c.operand(op.output, largest ? kVector : want);
  if (!c.ok()) return;
  const bool gathers = !in_one_piece(op, c.tensor(op.input));
  if (gathers)
    c.operand(op.window, kVector);
  else if (op.window != kNoId)
    c.fail(Status::kBadOperand);
  // The filters of a group may be fewer than rows are packed together.
  c.matrix(op.weights, op.groups == 1 ? Packing::kRows : Packing::kNone, true);
  if (!c.ok()) return;
  const uint32_t filters = c.tensor(op.weights.weight).dims[0];
  const uint64_t columns = uint64_t{op.kernel[0]} * op.kernel[1] * (op.channels / op.groups);
  check_width(c, op, filters);
  check_time(c, op, !largest);
  c.shape(op.channels % op.groups == 0 && filters % op.groups == 0);
  if (gathers) c.shape(c.tensor(op.window).dims[0] == columns);
  c.matrix_shape(op.weights, filters, columns);
  c.numbers(op.weights);
}

void check(OpChecker& c, const PoolOp& op) {
  const Want want = c.sequence_or_vector(op.input);
  const bool all_steps = op.kernel[0] == 0;
  c.operand(op.input, want);
  c.operand(op.output, all_steps ? kVector : want);
  if (!c.ok()) return;
  const Tensor& input = c.tensor(op.input);
  const uint32_t steps = all_steps ? (input.time ? input.dims[0] : 1) : op.kernel[0];
  c.shape(uint64_t{steps} * op.kernel[1] <= kMaxPoolWindow);
  check_width(c, op, op.channels);
  if (!all_steps) check_time(c, op, true);
}

}  // namespace linnet
