#include "native/engine/op_checker.h"

namespace linnet {

void OpChecker::operand(uint16_t id, const Want& want) {
  if (!ok()) return;
  if (id >= header().tensor_count) return fail(Status::kBadOperand);
  const Tensor& t = tensor(id);
  if (t.kind != static_cast<uint8_t>(want.kind) || t.dtype != static_cast<uint8_t>(want.dtype) || t.rank != want.rank ||
      t.time != want.time)
    fail(Status::kBadOperand);
}

void OpChecker::weight(uint16_t id, Packing packing) {
  if (this->packing(id) == Packing::kNone) return operand(id, kMatrix);
  if (this->packing(id) != packing) fail(Status::kBadOperand);
}

void OpChecker::matrix(const Dense& d, Packing packing, bool bias_allowed, bool bias_required) {
  weight(d.weight, packing);
  if (ok() && serves_another(d)) fail(Status::kBadOperand);
  if (d.bias != kNoId ? !bias_allowed : bias_required) fail(Status::kBadOperand);
  if (d.bias != kNoId) operand(d.bias, kBias);
  operand(d.multiplier, kMultiplier);
  operand(d.shift, kShift);
}

void OpChecker::matrix_shape(const Dense& d, uint64_t rows, uint64_t columns) {
  const Tensor& w = tensor(d.weight);
  shape(w.dims[0] == rows && w.dims[1] == columns && (d.bias == kNoId || tensor(d.bias).dims[0] == rows) &&
        tensor(d.multiplier).dims[0] == rows && tensor(d.shift).dims[0] == rows);
}

void OpChecker::numbers(uint16_t weight, uint16_t bias, uint16_t multiplier, uint16_t shift) {
  if (!ok()) return;
  const Tensor& w = tensor(weight);
  const RowReader rows(image_, weight);
  const auto* b = image_.constant<int32_t>(bias);
  const auto* m = image_.constant<int32_t>(multiplier);
  const auto* s = image_.constant<uint8_t>(shift);
  if (w.dims[1] > kMaxColumns) return fail(Status::kAccumulatorOverflow);
  for (uint32_t r = 0; r < w.dims[0]; r++) {
    if (m != nullptr && ((m[r] != 0 && m[r] < 1 << 30) || s[r] < 17 || s[r] > 62)) return fail(Status::kBadMultiplier);
    uint32_t sum = 0;  // of at most kMaxColumns numbers
    bool any_128 = false;
    for (uint32_t k = 0, count; k < w.dims[1]; k += count) {
      constexpr uint32_t kMost = 64;
      int8_t buffer[kMost];
      count = w.dims[1] - k < kMost ? w.dims[1] - k : kMost;
      const int8_t* part = rows.read(r, k, count, buffer);
      uint16_t of_part = 0;  // so narrow, and the bits below, for compilers that make a vector loop of it
      uint8_t bits = 0;
      for (uint32_t i = 0; i < count; i++) {
        of_part = static_cast<uint16_t>(of_part + (part[i] < 0 ? -part[i] : part[i]));
        bits |= static_cast<uint8_t>(part[i] == -128);
      }
      sum += of_part;
      any_128 |= bits != 0;
    }
    if (any_128) return fail(Status::kBadOperand);
    const int64_t bias_size = b == nullptr ? 0 : b[r] < 0 ? -int64_t{b[r]} : b[r];
    if (bias_size + 128 * int64_t{sum} >= int64_t{1} << 31) return fail(Status::kAccumulatorOverflow);
  }
}

// A weight tensor may serve one matrix only, so that checking stays linear in the image's size.
bool OpChecker::serves_another(const Dense& d) const {
  for (OpCursor op(image_); op.index() <= index_; op.next()) {
    const OpView view = op.view();
    for (uint32_t i = 0; i < view.matrix_count; i++) {
      if (&view.matrices[i] == &d) return false;
      if (view.matrices[i].weight == d.weight) return true;
    }
  }
  return false;
}

}  // namespace linnet
