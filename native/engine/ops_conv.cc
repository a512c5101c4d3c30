// Convolution: docs/numerics.md, 3. The filters of a group are rows of dense_i8 on a window, which is read where it
// lies if it lies in one piece, and gathered if it does not. Windows that lie evenly spaced share a read of the
// filters.
#include "native/engine/activation.h"
#include "native/engine/run.h"

namespace linnet {
namespace {

// Which of n positions that are spread `upsample` apart lies at `at`; -1 if none does.
int32_t source(int32_t at, int32_t upsample, int32_t n) {
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

// Output positions i and i + 1: each weight is loaded once for both.
void run_pair(const Run& run, const ConvOp& op, const DenseView& w, const Windows& windows, uint32_t i, uint32_t width,
              int8_t* out) {
  const PackedKernels& packed = *kernels().packed;
  auto* inputs = reinterpret_cast<int8_t*>(run.workspace);
  for (uint32_t which = 0; which < 2; which++)
    packed.prepare_of_pair(windows.at((i + which) / width, (i + which) % width, 0), w.columns, which, inputs);
  for_blocks(w.rows, [&](uint32_t first, uint32_t count) {
    int32_t block[2 * kRowBlock];
    packed.dense_i8_pair(w, inputs, first, count, block);
    activate(op.activation, block, count, out + first);
    activate(op.activation, block + count, count, out + w.rows + first);
  });
}

// For kernels that want their inputs prepared.
void conv_packed(const Run& run, const ConvOp& op, const DenseView& w, const Windows& windows, uint32_t positions,
                 uint32_t width, int8_t* out) {
  const uint32_t filters = w.rows / op.groups;
  uint32_t i = 0;
  if (kernels().packed->dense_i8_pair != nullptr && op.groups == 1)
    for (; i + 2 <= positions; i += 2, out += 2 * filters) run_pair(run, op, w, windows, i, width, out);
  for (; i < positions; i++)
    for (uint32_t group = 0; group < op.groups; group++, out += filters) {
      const int8_t* window = windows.at(i / width, i % width, group);
      dense_rows(w, prepared(run, window, w.columns), group * filters, filters, op.activation, out);
    }
}

// Positions computed at a time. Their results share kRowBlock, so it costs no stack. (No row-major kernel of a board
// gains by several.)
#ifdef LINNET_HOST
constexpr uint32_t kPositions = 8;
#else
constexpr uint32_t kPositions = 1;
#endif

// `count` positions from step p on, `apart` results from one to the next.
void conv_evenly(const DenseView& w, const int8_t* x, uint32_t step_bytes, uint32_t count, uint32_t first,
                 uint32_t filters, uint8_t activation, int8_t* out, uint32_t apart) {
  for (uint32_t done = 0; done < filters;) {
    const uint32_t left = filters - done, most = kRowBlock / kPositions, rows = left < most ? left : most;
    int32_t block[kRowBlock];
    kernels().dense_many_i8(w, x, step_bytes, count, first + done, rows, block);
    for (uint32_t i = 0; i < count; i++) activate(activation, block + i * rows, rows, out + i * apart + done);
    done += rows;
  }
}

}  // namespace

void run_conv(const Run& run, const ConvOp& op) {
  const DenseView w = run.dense(op.weights, op.groups);
  const Windows windows(run, op);
  const uint32_t steps = run.time(op.output), row = run.features(op.output), width = row / w.rows,
                 filters = w.rows / op.groups;
  auto* out = run.activation<int8_t>(op.output);
  if (kernels().packed != nullptr) return conv_packed(run, op, w, windows, steps * width, width, out);
  for (uint32_t q = 0; q < width; q++)
    for (uint32_t group = 0; group < op.groups; group++, out += filters) {
      int8_t* at = out;
      for (uint32_t p = 0, count; p < steps; p += count, at += count * row) {
        count = windows.evenly_spaced(p, q, steps - p < kPositions ? steps - p : kPositions);
        const int8_t* x = windows.at(p, q, group);
        if (count > 1) {
          conv_evenly(w, x, windows.step_bytes(), count, group * filters, filters, op.activation, at, row);
        } else {
          count = 1;
          dense_rows(w, x, group * filters, filters, op.activation, at);
        }
      }
    }
}

}  // namespace linnet
