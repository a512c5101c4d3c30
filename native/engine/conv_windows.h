// Where the windows of a convolution lie: docs/numerics.md, 3.
#pragma once

#include "native/engine/run.h"

namespace linnet {

// Which of n positions that are spread `upsample` apart lies at `at`; -1 if none does.
inline int32_t source(int32_t at, int32_t upsample, int32_t n) {
  return at < 0 || at % upsample != 0 || at / upsample >= n ? -1 : at / upsample;
}

// The windows of one convolution on its input; [0] is time, [1] is width.
class Windows {
 public:
  Windows(const Run& run, const ConvOp& op)
      : op_(op),
        input_(run.activation<const int8_t>(op.input)),
        gathered_(op.window == kNoId ? nullptr : run.activation<int8_t>(op.window)),
        size_{static_cast<int32_t>(run.time(op.input)), static_cast<int32_t>(run.features(op.input) / op.channels)},
        group_channels_(op.channels / op.groups),
        whole_(lie_whole()) {}

  // The elements of group `group` at output position (p, q), in the order of a matrix row.
  const int8_t* at(uint32_t p, uint32_t q, uint32_t group) const {
    const int32_t y = start(0, p), x = start(1, q);
    const uint32_t channel = group * group_channels_;
    if (whole_ && inside(0, y) && inside(1, x)) return element(y, x) + channel;
    gather(y, x, channel);
    return gathered_;
  }

  // How many positions from step p on, at most `most`, have windows that lie in one piece, step_bytes() apart.
  uint32_t evenly_spaced(uint32_t p, uint32_t q, uint32_t most) const {
    uint32_t n = 0;
    if (whole_ && inside(1, start(1, q)))
      while (n < most && inside(0, start(0, p + n))) n++;
    return n;
  }
  uint32_t step_bytes() const { return op_.stride[0] * static_cast<uint32_t>(size_[1]) * op_.channels; }

 private:
  int32_t start(int axis, uint32_t position) const {
    return static_cast<int32_t>(position) * op_.stride[axis] - op_.pad_begin[axis];
  }

  // Whether a window that has no padding is one piece of the input.
  bool lie_whole() const {
    return op_.upsample[0] == 1 && op_.upsample[1] == 1 &&
           (op_.groups == 1 || (op_.kernel[0] == 1 && op_.kernel[1] == 1)) &&
           (op_.kernel[1] == 1 || op_.dilation[1] == 1) &&
           (op_.kernel[0] == 1 || (op_.dilation[0] == 1 && op_.kernel[1] == size_[1]));
  }

  bool inside(int axis, int32_t first) const {
    return first >= 0 && first + (op_.kernel[axis] - 1) * op_.dilation[axis] < size_[axis];
  }

  const int8_t* element(int32_t y, int32_t x) const {
    return input_ +
           (static_cast<uint32_t>(y) * static_cast<uint32_t>(size_[1]) + static_cast<uint32_t>(x)) * op_.channels;
  }

  void gather(int32_t y, int32_t x, uint32_t channel) const {
    int8_t* out = gathered_;
    for (int32_t i = 0; i < op_.kernel[0]; i++) {
      const int32_t row = source(y + i * op_.dilation[0], op_.upsample[0], size_[0]);
      for (int32_t j = 0; j < op_.kernel[1]; j++) {
        const int32_t column = row < 0 ? -1 : source(x + j * op_.dilation[1], op_.upsample[1], size_[1]);
        const int8_t* from = column < 0 ? nullptr : element(row, column) + channel;
        for (uint32_t k = 0; k < group_channels_; k++) *out++ = from == nullptr ? int8_t{0} : from[k];
      }
    }
  }

  const ConvOp& op_;
  const int8_t* const input_;
  int8_t* const gathered_;
  const int32_t size_[2];  // steps there are now, width
  const uint32_t group_channels_;
  const bool whole_;
};

}  // namespace linnet
