// add and mul: docs/numerics.md, 3.
#include "native/engine/activation.h"
#include "native/engine/fixed_point.h"
#include "native/engine/run.h"

namespace linnet {
namespace {

// output[i] = result(a[i], b[i]), activated.
template <typename Op, typename Result>
void run_elementwise(const Run& run, const Op& op, const Result& result) {
  const auto* a = run.activation<const int8_t>(op.inputs[0]);
  const auto* b = run.activation<const int8_t>(op.inputs[1]);
  auto* out = run.activation<int8_t>(op.output);
  for_blocks(run.time(op.output) * run.features(op.output), [&](uint32_t first, uint32_t count) {
    int32_t block[kRowBlock];
    for (uint32_t i = 0; i < count; i++) block[i] = result(a[first + i], b[first + i]);
    activate(op.activation, block, count, out + first);
  });
}

}  // namespace

void run_add(const Run& run, const AddOp& op) {
  const int64_t m = op.multipliers[0], n = op.multipliers[1];
  // |sum| < 2^39 and shift >= 17, so the result fits.
  run_elementwise(run, op,
                  [&](int32_t a, int32_t b) { return static_cast<int32_t>(round_shift(a * m + b * n, op.shift)); });
}

void run_mul(const Run& run, const MulOp& op) {
  const auto m = static_cast<int32_t>(op.multiplier);
  run_elementwise(run, op, [&](int32_t a, int32_t b) { return requantize(a * b, m, op.shift); });
}

}  // namespace linnet
