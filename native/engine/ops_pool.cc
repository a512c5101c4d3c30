// Pooling: docs/numerics.md, 3. Channels are pooled in blocks, so that their sums need no memory but the stack.
#include "native/engine/activation.h"
#include "native/engine/fixed_point.h"
#include "native/engine/integer_root.h"
#include "native/engine/run.h"

namespace linnet {
namespace {

// What there is of a window on one axis: elements [first, first + count).
struct Extent {
  uint32_t first, count;
};

Extent extent(int32_t start, int32_t kernel, int32_t size) {
  const int32_t first = start < 0 ? 0 : start, end = start + kernel < size ? start + kernel : size;
  return {static_cast<uint32_t>(first), static_cast<uint32_t>(end - first)};
}

// One window: the elements there are, and all of its positions with the padding.
struct Window {
  const int8_t* first;  // element, all channels
  uint32_t steps, width;
  uint32_t step_bytes, channels;  // from one element to the next
  uint32_t positions;

  // visit(x) with x[0 … channels-1] of every element.
  template <typename Visit>
  void each(const Visit& visit) const {
    for (uint32_t y = 0; y < steps; y++)
      for (uint32_t x = 0; x < width; x++) visit(first + y * step_bytes + x * channels);
  }
};

void pool_max(const Window& window, uint32_t channel, uint32_t count, int8_t* out) {
  int8_t most[kRowBlock];  // which cannot be what x points to, so that the loop can be one of vectors
  for (uint32_t c = 0; c < count; c++) most[c] = -128;
  window.each([&](const int8_t* x) {
    for (uint32_t c = 0; c < count; c++) most[c] = x[channel + c] > most[c] ? x[channel + c] : most[c];
  });
  for (uint32_t c = 0; c < count; c++) out[c] = most[c];
}

void pool_average(const PoolOp& op, const Window& window, uint32_t channel, uint32_t count, int8_t* out) {
  int32_t sum[kRowBlock] = {};
  window.each([&](const int8_t* x) {
    for (uint32_t c = 0; c < count; c++) sum[c] += x[channel + c];
  });
  const auto n = static_cast<int32_t>(op.count_padding != 0 ? window.positions : window.steps * window.width);
  for (uint32_t c = 0; c < count; c++) out[c] = static_cast<int8_t>(sat8(divide_rounded(sum[c] * (1 << op.gain), n)));
}

void pool_lp(const PoolOp& op, const Window& window, uint32_t channel, uint32_t count, int8_t* out) {
  uint64_t sum[kRowBlock] = {};
  window.each([&](const int8_t* x) {
    for (uint32_t c = 0; c < count; c++) {
      const int32_t v = x[channel + c];
      const auto magnitude = static_cast<uint32_t>(v < 0 ? -v : v);
      uint32_t power = magnitude;
      for (uint32_t i = 1; i < op.order; i++) power *= magnitude;
      sum[c] += power;
    }
  });
  for (uint32_t c = 0; c < count; c++) {
    const auto root = static_cast<int32_t>(lp_root(sum[c], op.order));  // at most 2^30
    out[c] = static_cast<int8_t>(sat8(requantize(root, static_cast<int32_t>(op.multiplier), op.shift)));
  }
}

void pool(const PoolOp& op, const Window& window, int8_t* out) {
  for_blocks(op.channels, [&](uint32_t channel, uint32_t count) {
    switch (static_cast<PoolMode>(op.mode)) {
      case PoolMode::kMax: pool_max(window, channel, count, out + channel); break;
      case PoolMode::kAverage: pool_average(op, window, channel, count, out + channel); break;
      case PoolMode::kLp: pool_lp(op, window, channel, count, out + channel); break;
    }
  });
}

}  // namespace

void run_pool(const Run& run, const PoolOp& op) {
  const uint32_t row = run.features(op.input), steps = run.time(op.input), width = row / op.channels;
  const uint32_t kernel = op.kernel[0] == 0 ? steps : op.kernel[0];
  const auto* x = run.activation<const int8_t>(op.input);
  auto* out = run.activation<int8_t>(op.output);
  const uint32_t out_steps = run.time(op.output), out_width = run.features(op.output) / op.channels;
  const auto along = [&op](int axis, uint32_t position, uint32_t size, uint32_t from) {
    const int32_t start = static_cast<int32_t>(position) * op.stride[axis] - op.pad_begin[axis];
    return extent(start, static_cast<int32_t>(size), static_cast<int32_t>(from));
  };
  for (uint32_t p = 0; p < out_steps; p++) {
    const Extent time = along(0, p, kernel, steps);
    for (uint32_t q = 0; q < out_width; q++, out += op.channels) {
      const Extent across = along(1, q, op.kernel[1], width);
      const int8_t* first = x + time.first * row + across.first * op.channels;
      pool(op, {first, time.count, across.count, row, op.channels, kernel * op.kernel[1]}, out);
    }
  }
}

}  // namespace linnet
