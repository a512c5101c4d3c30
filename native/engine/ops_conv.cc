// Convolution: docs/numerics.md, 3. The filters of a group are rows of dense_i8 on a window, which is read where it
// lies if it lies in one piece, and gathered if it does not. Windows that lie evenly spaced share a read of the
// filters. Where only the largest of all steps is kept, it is kept as they come: they are never all there.
#include "native/engine/activation.h"
#include "native/engine/conv_windows.h"

namespace linnet {
namespace {

// Where the results go: each step to its place, or all to one, where the largest stays.
class Results {
 public:
  // `row`: results of a step.
  Results(const Run& run, const ConvOp& op, uint32_t row)
      : out_(run.activation<int8_t>(op.output)),
        row_(row),
        activation_(op.activation),
        largest_(op.over_time == static_cast<uint8_t>(OverTime::kLargest)) {}

  // Results at .. at + count - 1 of step p, count <= kRowBlock. Steps come in order.
  void put(uint32_t p, uint32_t at, const int32_t* v, uint32_t count) const {
    if (!largest_ || p == 0)
      activate(activation_, v, count, out_ + p * row_ + at);
    else
      activate_largest(activation_, v, count, out_ + at);
  }

  // The same of `steps` steps, v [steps, count], which it may change. No activation ever falls, so the largest result
  // is what becomes of the largest v.
  void put_steps(uint32_t p, uint32_t steps, uint32_t at, int32_t* v, uint32_t count) const {
    if (!largest_) {
      for (uint32_t s = 0; s < steps; s++) put(p + s, at, v + s * count, count);
      return;
    }
    for (uint32_t s = 1; s < steps; s++) {
      const int32_t* other = v + s * count;
      for (uint32_t i = 0; i < count; i++) v[i] = other[i] > v[i] ? other[i] : v[i];
    }
    put(p, at, v, count);
  }

 private:
  int8_t* const out_;
  const uint32_t row_;
  const uint8_t activation_;
  const bool largest_;
};

// One convolution now.
struct Conv {
  const Run& run;
  const DenseView w;
  const Windows windows;
  const uint32_t groups, steps, width;
  const Results results;

  Conv(const Run& r, const ConvOp& op)
      : run(r),
        w(r.dense(op.weights, op.groups)),
        windows(r, op),
        groups(op.groups),
        steps(conv_steps(r, op)),
        width(r.features(op.output) / w.rows),
        results(r, op, width * w.rows) {}

  uint32_t filters() const { return w.rows / groups; }  // of a group
};

// Positions i and i + 1: each weight is loaded once for both.
void run_pair(const Conv& conv, uint32_t i) {
  const PackedKernels& packed = *kernels().packed;
  const DenseView& w = conv.w;
  auto* inputs = reinterpret_cast<int8_t*>(conv.run.workspace);
  const uint32_t p[2] = {i / conv.width, (i + 1) / conv.width}, q[2] = {i % conv.width, (i + 1) % conv.width};
  for (uint32_t which = 0; which < 2; which++)
    packed.prepare_of_pair(conv.windows.at(p[which], q[which], 0), w.columns, which, inputs);
  for_blocks(w.rows, [&](uint32_t first, uint32_t count) {
    int32_t block[2 * kRowBlock];
    packed.dense_i8_pair(w, inputs, first, count, block);
    for (uint32_t which = 0; which < 2; which++)
      conv.results.put(p[which], q[which] * w.rows + first, block + which * count, count);
  });
}

// Positions from i on, one by one, in the order in which they lie.
void run_positions(const Conv& conv, uint32_t i) {
  const uint32_t positions = conv.steps * conv.width, filters = conv.filters();
  for (; i < positions; i++) {
    const uint32_t p = i / conv.width, q = i % conv.width;
    for (uint32_t group = 0; group < conv.groups; group++) {
      const int8_t* x = prepared(conv.run, conv.windows.at(p, q, group), conv.w.columns);
      for_blocks(filters, [&](uint32_t done, uint32_t count) {
        const uint32_t first = group * filters + done;
        int32_t block[kRowBlock];
        kernels().dense_i8(conv.w, x, first, count, block);
        conv.results.put(p, q * conv.w.rows + first, block, count);
      });
    }
  }
}

// Positions as pairs, for kernels that gain by it. Returns how many.
uint32_t run_pairs(const Conv& conv) {
  const PackedKernels* packed = kernels().packed;
  if (packed == nullptr || packed->dense_i8_pair == nullptr || conv.groups != 1) return 0;
  uint32_t i = 0;
  for (; i + 2 <= conv.steps * conv.width; i += 2) run_pair(conv, i);
  return i;
}

#ifdef LINNET_HOST

// Steps computed at a time, and results of each. (No row-major kernel of a board gains by several.)
constexpr uint32_t kSteps = 8, kStepRows = 256;

// How many of the steps left come next: kSteps at most, and about as many each time, for few are slow.
uint32_t next_steps(uint32_t left) {
  const uint32_t times = (left + kSteps - 1) / kSteps;
  return (left + times - 1) / times;
}

// `count` steps from p on, whose windows at (p, q) and after it lie evenly.
void run_steps(const Conv& conv, uint32_t p, uint32_t count, uint32_t q, uint32_t group) {
  const int8_t* x = conv.windows.at(p, q, group);
  const uint32_t filters = conv.filters();
  for (uint32_t done = 0, rows; done < filters; done += rows) {
    rows = filters - done < kStepRows ? filters - done : kStepRows;
    const uint32_t first = group * filters + done;
    int32_t block[kSteps * kStepRows];
    kernels().dense_many_i8(conv.w, x, conv.windows.step_bytes(), count, first, rows, block);
    conv.results.put_steps(p, count, q * conv.w.rows + first, block, rows);
  }
}

// For kernels that read inputs as they lie: several steps share a read of the filters.
void run_row_major(const Conv& conv) {
  for (uint32_t q = 0; q < conv.width; q++)
    for (uint32_t group = 0; group < conv.groups; group++)
      for (uint32_t p = 0, count; p < conv.steps; p += count) {
        count = conv.windows.evenly_spaced(p, q, next_steps(conv.steps - p));
        if (count == 0) count = 1;  // gathered
        run_steps(conv, p, count, q, group);
      }
}

void run_all(const Conv& conv) {
  if (kernels().packed == nullptr) return run_row_major(conv);
  run_positions(conv, run_pairs(conv));
}

#else

void run_all(const Conv& conv) { run_positions(conv, run_pairs(conv)); }

#endif

}  // namespace

uint32_t conv_steps(const Run& run, const ConvOp& op) {
  const int32_t last = op.upsample[0] * (static_cast<int32_t>(run.time(op.input)) - 1) + op.pad_begin[0] +
                       op.pad_end[0] - op.dilation[0] * (op.kernel[0] - 1);
  return static_cast<uint32_t>(last / op.stride[0]) + 1;
}

void run_conv(const Run& run, const ConvOp& op) { run_all(Conv(run, op)); }

}  // namespace linnet
