#include "native/engine/validate_op.h"

namespace linnet {
namespace {

bool is_language_model(const Header& h) { return h.kind == static_cast<uint8_t>(ModelKind::kLanguageModel); }

bool known_activation(uint8_t a) { return a <= static_cast<uint8_t>(Activation::kSigmoid); }

// A language model sees one step at a time: it knows no other direction than forward.
bool direction_ok(const Header& h, uint8_t d) {
  return d == static_cast<uint8_t>(Direction::kForward) ||
         (d == static_cast<uint8_t>(Direction::kReverse) && !is_language_model(h));
}

bool in(uint32_t v, uint32_t low, uint32_t high) { return v >= low && v <= high; }
bool both_in(const uint16_t (&v)[2], uint32_t low, uint32_t high) { return in(v[0], low, high) && in(v[1], low, high); }

// Of one requantization for all elements.
bool requantization_ok(uint32_t multiplier, uint8_t shift) {
  return (multiplier == 0 || in(multiplier, 1u << 30, INT32_MAX)) && in(shift, 17, 62);
}

// What only one mode of a pool uses is 0 in the others.
bool mode_ok(const PoolOp& op) {
  const bool unused_lp = op.order == 0 && op.multiplier == 0 && op.shift == 0;
  const bool unused_average = op.gain == 0 && op.count_padding == 0;
  switch (static_cast<PoolMode>(op.mode)) {
    case PoolMode::kMax: return unused_lp && unused_average;
    case PoolMode::kAverage: return unused_lp && op.gain <= kMaxGain && op.count_padding <= 1;
    case PoolMode::kLp:
      return unused_average && in(op.order, 1, kMaxOrder) && requantization_ok(op.multiplier, op.shift);
  }
  return false;
}

}  // namespace

bool fields_ok(const Header&, const EmbeddingOp&) { return true; }

bool fields_ok(const Header& h, const LstmOp& op) {
  return op.reserved == 0 && op.reserved2 == 0 && direction_ok(h, op.direction);
}

bool fields_ok(const Header& h, const GruOp& op) {
  return op.reserved == 0 && direction_ok(h, op.direction) &&
         (op.reset == static_cast<uint8_t>(GruReset::kAfter) || op.reset == static_cast<uint8_t>(GruReset::kBefore));
}

bool fields_ok(const Header& h, const RnnOp& op) { return op.reserved == 0 && direction_ok(h, op.direction); }

bool fields_ok(const Header& h, const ConvOp& op) {
  if (op.reserved != 0 || !known_activation(op.activation)) return false;
  if (op.over_time > static_cast<uint8_t>(is_language_model(h) ? OverTime::kEveryStep : OverTime::kLargest))
    return false;
  if (is_language_model(h) &&
      (op.kernel[0] != 1 || op.stride[0] != 1 || op.upsample[0] != 1 || op.pad_begin[0] != 0 || op.pad_end[0] != 0))
    return false;
  return in(op.kernel[0], 1, kMaxWidth) && op.kernel[1] >= 1 && both_in(op.stride, 1, kMaxWidth) &&
         both_in(op.dilation, 1, kMaxWidth) && both_in(op.upsample, 1, kMaxWidth) &&
         both_in(op.pad_begin, 0, kMaxPadding) && both_in(op.pad_end, 0, kMaxPadding) && op.groups >= 1 &&
         in(op.channels, 1, kMaxDim);
}

bool fields_ok(const Header& h, const PoolOp& op) {
  if (op.reserved != 0 || op.reserved2 != 0 || !mode_ok(op)) return false;
  if (is_language_model(h) && (op.kernel[0] != 1 || op.stride[0] != 1)) return false;
  // All steps there are: one window that covers time and nothing else.
  const bool all_steps = op.kernel[0] == 0;
  if (all_steps && (op.stride[0] != 1 || op.pad_begin[0] != 0 || op.pad_end[0] != 0)) return false;
  if (!all_steps && (op.pad_begin[0] >= op.kernel[0] || op.pad_end[0] >= op.kernel[0])) return false;
  return op.kernel[0] <= kMaxWidth && op.kernel[1] >= 1 && op.pad_begin[1] < op.kernel[1] &&
         op.pad_end[1] < op.kernel[1] && both_in(op.stride, 1, kMaxWidth) && in(op.channels, 1, kMaxDim);
}

bool fields_ok(const Header&, const AddOp& op) {
  return op.reserved == 0 && op.reserved2 == 0 && op.reserved3 == 0 && known_activation(op.activation) &&
         op.multipliers[0] != INT32_MIN && op.multipliers[1] != INT32_MIN && in(op.shift, 17, 62);
}

bool fields_ok(const Header&, const MulOp& op) {
  return op.reserved == 0 && op.reserved2 == 0 && op.reserved3 == 0 && known_activation(op.activation) &&
         requantization_ok(op.multiplier, op.shift);
}

bool fields_ok(const Header& h, const LastStepOp& op) {
  return op.reserved == 0 && op.reserved2 == 0 && direction_ok(h, op.direction);
}

bool fields_ok(const Header&, const ConcatOp& op) {
  if (!in(op.count, 1, kMaxConcatInputs)) return false;
  for (uint32_t i = op.count; i < kMaxConcatInputs; i++)
    if (op.inputs[i] != kNoId) return false;
  return true;
}

bool fields_ok(const Header&, const LinearOp& op) {
  return op.reserved == 0 && op.reserved2 == 0 && known_activation(op.activation);
}

bool fields_ok(const Header&, const SoftmaxOp&) { return true; }

}  // namespace linnet
