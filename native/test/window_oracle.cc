#include "native/test/window_oracle.h"

#include <algorithm>

#include "native/engine/fixed_point.h"

namespace linnet::test {
namespace {

int8_t activated(int64_t v, uint8_t activation) {
  const int32_t q12 = sat16(sat32(v));
  switch (static_cast<Activation>(activation)) {
    case Activation::kNone: return static_cast<int8_t>(std::max<int64_t>(-127, std::min<int64_t>(v, 127)));
    case Activation::kRelu: return static_cast<int8_t>(std::max<int64_t>(0, std::min<int64_t>(v, 127)));
    case Activation::kTanh: return static_cast<int8_t>(std::min<int64_t>(127, (tanh_q15(q12) + 128) >> 8));
    case Activation::kSigmoid: return static_cast<int8_t>(std::min<int64_t>(127, (sigmoid_q15(q12) + 128) >> 8));
  }
  return 0;
}

uint32_t count(int64_t padded, int64_t window, int64_t stride) {
  uint32_t positions = 0;
  for (int64_t start = 0; start + window <= padded; start += stride) positions++;
  return positions;
}

int64_t floor_divide(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

// Root by search, from below.
int64_t root(int64_t v, uint32_t order) {
  int64_t low = 0, high = int64_t{1} << (order == 1 ? 40 : order == 2 ? 31 : 20);
  while (low < high) {
    const int64_t middle = (low + high + 1) / 2;
    int64_t power = 1;
    for (uint32_t i = 0; i < order; i++) power *= middle;
    if (power <= v)
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

int8_t pooled(const std::vector<int8_t>& there, int64_t positions, const PoolOp& op) {
  int64_t largest = -128, sum = 0, norm = 0;
  for (const int8_t x : there) {
    largest = std::max<int64_t>(largest, x);
    sum += x;
    int64_t power = 1;
    for (uint32_t i = 0; i < op.order; i++) power *= x < 0 ? -x : x;
    norm += power;
  }
  if (op.mode == static_cast<uint8_t>(PoolMode::kMax)) return static_cast<int8_t>(largest);
  int64_t v = 0;
  if (op.mode == static_cast<uint8_t>(PoolMode::kAverage)) {
    const auto n = op.count_padding ? positions : static_cast<int64_t>(there.size());
    v = floor_divide(2 * sum * (1 << op.gain) + n, 2 * n);
  } else {
    for (uint32_t i = 0; i < op.order; i++) norm *= 256;
    v = (root(norm, op.order) * op.multiplier + (int64_t{1} << (op.shift - 1))) >> op.shift;
  }
  return static_cast<int8_t>(std::max<int64_t>(-127, std::min<int64_t>(v, 127)));
}

Array largest_step(const Array& all) {
  Array largest = {1, all.features, {}};
  for (uint32_t c = 0; c < all.features; c++) {
    int8_t most = -128;
    for (uint32_t p = 0; p < all.steps; p++) most = std::max(most, all.at(p, c));
    largest.values.push_back(most);
  }
  return largest;
}

}  // namespace

uint32_t count_positions(const ConvOp& op, int axis, uint32_t n) {
  const int64_t spread = int64_t{op.upsample[axis]} * (int64_t{n} - 1) + 1;
  return count(spread + op.pad_begin[axis] + op.pad_end[axis], int64_t{op.dilation[axis]} * (op.kernel[axis] - 1) + 1,
               op.stride[axis]);
}

uint32_t count_positions(const PoolOp& op, int axis, uint32_t n) {
  if (op.kernel[axis] == 0) return 1;
  return count(int64_t{n} + op.pad_begin[axis] + op.pad_end[axis], op.kernel[axis], op.stride[axis]);
}

TimeForm time_after(const TimeForm& in, const ConvOp& op) {
  const int64_t reach = op.dilation[0] * (op.kernel[0] - 1);
  const int64_t b = op.pad_begin[0] + op.pad_end[0] - reach - op.upsample[0] + op.stride[0];
  return {op.upsample[0] * in.factor, in.divisor * op.stride[0], op.upsample[0] * in.offset + b * in.divisor};
}

TimeForm time_after(const TimeForm& in, const PoolOp& op) {
  const int64_t b = op.pad_begin[0] + op.pad_end[0] - op.kernel[0] + op.stride[0];
  return {in.factor, in.divisor * op.stride[0], in.offset + b * in.divisor};
}

bool lies_in_one_piece(const ConvOp& op, uint32_t width) {
  for (int axis = 0; axis < 2; axis++)
    if (op.upsample[axis] != 1 || op.pad_begin[axis] != 0 || op.pad_end[axis] != 0) return false;
  return op.groups == 1 && (op.kernel[1] == 1 || op.dilation[1] == 1) &&
         (op.kernel[0] == 1 || (op.dilation[0] == 1 && op.kernel[1] == width));
}

Array conv(const Array& in, const ConvOp& op, const Filters& filters) {
  const uint32_t width = in.features / op.channels, per_group = op.channels / op.groups;
  const uint32_t steps = count_positions(op, 0, in.steps), positions = count_positions(op, 1, width);
  Array out = {steps, positions * filters.count, {}};
  for (int64_t p = 0; p < steps; p++)
    for (int64_t q = 0; q < positions; q++)
      for (uint32_t r = 0; r < filters.count; r++) {
        int64_t sum = filters.bias.empty() ? 0 : filters.bias[r];
        size_t element = size_t{r} * op.kernel[0] * op.kernel[1] * per_group;
        for (int64_t i = 0; i < op.kernel[0]; i++)
          for (int64_t j = 0; j < op.kernel[1]; j++)
            for (int64_t k = 0; k < per_group; k++) {
              const int64_t y = p * op.stride[0] + i * op.dilation[0] - op.pad_begin[0];
              const int64_t x = q * op.stride[1] + j * op.dilation[1] - op.pad_begin[1];
              const int8_t weight = filters.weights[element++];
              if (y < 0 || x < 0 || y % op.upsample[0] != 0 || x % op.upsample[1] != 0) continue;
              const int64_t row = y / op.upsample[0], column = x / op.upsample[1];
              if (row >= in.steps || column >= width) continue;
              const int64_t group = int64_t{r} * op.groups / filters.count;
              sum += weight * in.at(row, column * op.channels + group * per_group + k);
            }
        const int64_t v = (sum * filters.multiplier + (int64_t{1} << (filters.shift - 1))) >> filters.shift;
        out.values.push_back(activated(v, op.activation));
      }
  return op.over_time == static_cast<uint8_t>(OverTime::kLargest) ? largest_step(out) : out;
}

Array pool(const Array& in, const PoolOp& op) {
  const int64_t width = in.features / op.channels, kernel = op.kernel[0] == 0 ? in.steps : op.kernel[0];
  const uint32_t steps = count_positions(op, 0, in.steps);
  const uint32_t positions = count_positions(op, 1, static_cast<uint32_t>(width));
  Array out = {steps, positions * op.channels, {}};
  for (int64_t p = 0; p < steps; p++)
    for (int64_t q = 0; q < positions; q++)
      for (uint32_t c = 0; c < op.channels; c++) {
        std::vector<int8_t> there;
        for (int64_t i = 0; i < kernel; i++)
          for (int64_t j = 0; j < op.kernel[1]; j++) {
            const int64_t y = p * op.stride[0] + i - op.pad_begin[0], x = q * op.stride[1] + j - op.pad_begin[1];
            if (y >= 0 && x >= 0 && y < in.steps && x < width) there.push_back(in.at(y, x * op.channels + c));
          }
        out.values.push_back(pooled(there, kernel * op.kernel[1], op));
      }
  return out;
}

Array add(const Array& a, const Array& b, const AddOp& op) {
  Array out = {a.steps, a.features, {}};
  for (size_t i = 0; i < a.values.size(); i++) {
    const int64_t sum = int64_t{a.values[i]} * op.multipliers[0] + int64_t{b.values[i]} * op.multipliers[1];
    out.values.push_back(activated((sum + (int64_t{1} << (op.shift - 1))) >> op.shift, op.activation));
  }
  return out;
}

Array mul(const Array& a, const Array& b, const MulOp& op) {
  Array out = {a.steps, a.features, {}};
  for (size_t i = 0; i < a.values.size(); i++) {
    const int64_t product = int64_t{a.values[i]} * b.values[i] * op.multiplier;
    out.values.push_back(activated((product + (int64_t{1} << (op.shift - 1))) >> op.shift, op.activation));
  }
  return out;
}

}  // namespace linnet::test
