#include "native/engine/validate.h"

namespace linnet {
namespace {

constexpr Verdict kGood = {};

// What an operand must be.
struct Want {
  TensorKind kind;
  DType dtype;
  uint8_t rank;
  uint8_t time;
};
constexpr Want kSequence = {TensorKind::kActivation, DType::kI8, 2, 1};
constexpr Want kVector = {TensorKind::kActivation, DType::kI8, 1, 0};
constexpr Want kMatrix = {TensorKind::kConstant, DType::kI8, 2, 0};
constexpr Want kBias = {TensorKind::kConstant, DType::kI32, 1, 0};
constexpr Want kMultiplier = kBias;
constexpr Want kShift = {TensorKind::kConstant, DType::kU8, 1, 0};
constexpr Want kHidden = {TensorKind::kState, DType::kI8, 1, 0};
constexpr Want kWide = {TensorKind::kState, DType::kI32, 1, 0};
constexpr Want kLogits = {TensorKind::kActivation, DType::kI16, 1, 0};
constexpr Want kScores = {TensorKind::kActivation, DType::kU16, 1, 0};

// Checks of one op; the first failure sticks.
class OpChecker {
 public:
  OpChecker(const Image& image, uint32_t index) : image_(image), index_(index) {}

  Status status() const { return status_; }
  const Tensor& tensor(uint16_t id) const { return image_.tensor(id); }
  const Header& header() const { return *image_.header; }

  void fail(Status status) {
    if (status_ == Status::kOk) status_ = status;
  }
  void operand(uint16_t id, const Want& want) {
    if (status_ != Status::kOk) return;
    if (id >= header().tensor_count) return fail(Status::kBadOperand);
    const Tensor& t = tensor(id);
    if (t.kind != static_cast<uint8_t>(want.kind) || t.dtype != static_cast<uint8_t>(want.dtype) ||
        t.rank != want.rank || t.time != want.time)
      fail(Status::kBadOperand);
  }
  void matrix(const Dense& d, bool bias_allowed, bool bias_required = false) {
    operand(d.weight, kMatrix);
    if (status_ == Status::kOk && serves_another(d)) fail(Status::kBadOperand);
    if (d.bias != kNoId ? !bias_allowed : bias_required) fail(Status::kBadOperand);
    if (d.bias != kNoId) operand(d.bias, kBias);
    operand(d.multiplier, kMultiplier);
    operand(d.shift, kShift);
  }
  void shape(bool agrees) {
    if (!agrees) fail(Status::kBadShape);
  }
  bool ok() const { return status_ == Status::kOk; }

  // Shape of a matrix whose operands passed.
  void matrix_shape(const Dense& d, uint64_t rows, uint64_t columns) {
    const Tensor& w = tensor(d.weight);
    shape(w.dims[0] == rows && w.dims[1] == columns && (d.bias == kNoId || tensor(d.bias).dims[0] == rows) &&
          tensor(d.multiplier).dims[0] == rows && tensor(d.shift).dims[0] == rows);
  }

  // Numbers of a matrix, row by row.
  void numbers(uint16_t weight, uint16_t bias, uint16_t multiplier, uint16_t shift) {
    if (!ok()) return;
    const Tensor& w = tensor(weight);
    const auto* row = image_.constant<int8_t>(weight);
    const auto* b = image_.constant<int32_t>(bias);
    const auto* m = image_.constant<int32_t>(multiplier);
    const auto* s = image_.constant<uint8_t>(shift);
    if (w.dims[1] > kMaxColumns) return fail(Status::kAccumulatorOverflow);
    for (uint32_t r = 0; r < w.dims[0]; r++, row += w.dims[1]) {
      if (m != nullptr && ((m[r] != 0 && m[r] < 1 << 30) || s[r] < 17 || s[r] > 62))
        return fail(Status::kBadMultiplier);
      int64_t sum = 0;
      bool lowest = false;
      for (uint32_t k = 0; k < w.dims[1]; k++) {
        sum += row[k] < 0 ? -row[k] : row[k];
        lowest |= row[k] == -128;
      }
      if (lowest) return fail(Status::kBadOperand);
      const int64_t bias_size = b == nullptr ? 0 : b[r] < 0 ? -int64_t{b[r]} : b[r];
      if (bias_size + 128 * sum >= int64_t{1} << 31) return fail(Status::kAccumulatorOverflow);
    }
  }
  void numbers(const Dense& d) { numbers(d.weight, d.bias, d.multiplier, d.shift); }

 private:
  // A weight tensor may serve one matrix only, so that checking stays linear in the image's size.
  bool serves_another(const Dense& d) const {
    for (OpCursor op(image_); op.index() <= index_; op.next()) {
      const OpView view = op.view();
      for (uint32_t i = 0; i < view.matrix_count; i++) {
        if (&view.matrices[i] == &d) return false;
        if (view.matrices[i].weight == d.weight) return true;
      }
    }
    return false;
  }

  const Image& image_;
  uint32_t index_;
  Status status_ = Status::kOk;
};

void check(OpChecker& c, const EmbeddingOp& op) {
  c.operand(op.output, kSequence);
  c.operand(op.table, kMatrix);
  if ((op.multiplier == kNoId) != (op.shift == kNoId)) c.fail(Status::kBadOperand);
  if (op.multiplier != kNoId) {
    c.operand(op.multiplier, kMultiplier);
    c.operand(op.shift, kShift);
  }
  if (!c.ok()) return;
  const Tensor &table = c.tensor(op.table), &output = c.tensor(op.output);
  const uint32_t steps = c.header().max_tokens == 0 ? 1 : c.header().max_tokens;
  c.shape(table.dims[0] == c.header().vocab_size && table.dims[1] == output.dims[1] && output.dims[0] == steps);
  if (op.multiplier != kNoId)
    c.shape(c.tensor(op.multiplier).dims[0] == table.dims[0] && c.tensor(op.shift).dims[0] == table.dims[0]);
  c.numbers(op.table, kNoId, op.multiplier, op.shift);
}

// A recurrent layer of so many gates; `wide` is its int32 state, if it has one.
template <typename Op>
void check_recurrent(OpChecker& c, const Op& op, uint32_t gates, bool second_bias, const uint16_t* wide) {
  c.operand(op.input, kSequence);
  c.operand(op.output, kSequence);
  c.matrix(op.input_weights, true, true);
  c.matrix(op.recurrent_weights, second_bias);
  c.operand(op.hidden, kHidden);
  if (wide != nullptr) c.operand(*wide, kWide);
  if (!c.ok()) return;
  const Tensor &in = c.tensor(op.input), &out = c.tensor(op.output);
  const uint32_t h = out.dims[1];
  c.shape(in.dims[0] == out.dims[0] && h <= kMaxHidden && c.tensor(op.hidden).dims[0] == h);
  if (wide != nullptr) c.shape(c.tensor(*wide).dims[0] == h);
  c.matrix_shape(op.input_weights, uint64_t{gates} * h, in.dims[1]);
  c.matrix_shape(op.recurrent_weights, uint64_t{gates} * h, h);
  c.numbers(op.input_weights);
  c.numbers(op.recurrent_weights);
}

void check(OpChecker& c, const LstmOp& op) { check_recurrent(c, op, 4, false, &op.cell); }
void check(OpChecker& c, const GruOp& op) { check_recurrent(c, op, 3, true, &op.wide); }
void check(OpChecker& c, const RnnOp& op) { check_recurrent(c, op, 1, false, nullptr); }

void check(OpChecker& c, const Conv1dOp& op) {
  c.operand(op.input, kSequence);
  c.operand(op.output, kSequence);
  c.matrix(op.weights, true);
  if (!c.ok()) return;
  const Tensor &in = c.tensor(op.input), &out = c.tensor(op.output);
  c.shape(in.dims[0] == uint64_t{out.dims[0]} + op.width - 1);
  c.matrix_shape(op.weights, out.dims[1], uint64_t{op.width} * in.dims[1]);
  c.numbers(op.weights);
}

// A sequence becomes one step.
template <typename Op>
void check_pooling(OpChecker& c, const Op& op) {
  c.operand(op.input, kSequence);
  c.operand(op.output, kVector);
  if (c.ok()) c.shape(c.tensor(op.input).dims[1] == c.tensor(op.output).dims[0]);
}

void check(OpChecker& c, const MaxOverTimeOp& op) { check_pooling(c, op); }
void check(OpChecker& c, const MeanOverTimeOp& op) { check_pooling(c, op); }
void check(OpChecker& c, const LastStepOp& op) { check_pooling(c, op); }

void check(OpChecker& c, const ConcatOp& op) {
  const bool sequence = op.output < c.header().tensor_count && c.tensor(op.output).rank == 2;
  const Want want = sequence ? kSequence : kVector;
  c.operand(op.output, want);
  for (uint32_t i = 0; i < op.count; i++) c.operand(op.inputs[i], want);
  if (!c.ok()) return;
  const Tensor& output = c.tensor(op.output);
  uint64_t sum = 0;
  for (uint32_t i = 0; i < op.count; i++) {
    const Tensor& input = c.tensor(op.inputs[i]);
    if (sequence) c.shape(input.dims[0] == output.dims[0]);
    sum += input.dims[input.rank - 1];
  }
  c.shape(sum == output.dims[output.rank - 1]);
}

void check(OpChecker& c, const LinearOp& op) {
  const bool sequence = op.input < c.header().tensor_count && c.tensor(op.input).rank == 2;
  const Want in = sequence ? kSequence : kVector;
  c.operand(op.input, in);
  if (!c.ok()) return;
  const bool wide =
      op.output < c.header().tensor_count && c.tensor(op.output).dtype == static_cast<uint8_t>(DType::kI16);
  c.operand(op.output, {in.kind, wide ? DType::kI16 : DType::kI8, in.rank, in.time});
  c.matrix(op.weights, true);
  if (!c.ok()) return;
  const Tensor &input = c.tensor(op.input), &output = c.tensor(op.output);
  if (sequence) c.shape(input.dims[0] == output.dims[0]);
  c.matrix_shape(op.weights, output.dims[output.rank - 1], input.dims[input.rank - 1]);
  c.numbers(op.weights);
}

void check(OpChecker& c, const SoftmaxOp& op) {
  c.operand(op.input, kLogits);
  c.operand(op.output, kScores);
  if (c.ok()) c.shape(c.tensor(op.input).dims[0] == c.tensor(op.output).dims[0]);
}

bool known_activation(uint8_t a) {
  return a == static_cast<uint8_t>(Activation::kNone) || a == static_cast<uint8_t>(Activation::kRelu);
}

// A language model sees one step at a time: it knows no other direction than forward.
bool direction_ok(const Header& h, uint8_t d) {
  return d == static_cast<uint8_t>(Direction::kForward) ||
         (d == static_cast<uint8_t>(Direction::kReverse) && h.kind == static_cast<uint8_t>(ModelKind::kClassifier));
}

// Fields that are not operands.
bool fields_ok(const Header&, const EmbeddingOp&) { return true; }
bool fields_ok(const Header& h, const LstmOp& op) {
  return op.reserved == 0 && op.reserved2 == 0 && direction_ok(h, op.direction);
}
bool fields_ok(const Header& h, const GruOp& op) {
  return op.reserved == 0 && direction_ok(h, op.direction) &&
         (op.reset == static_cast<uint8_t>(GruReset::kAfter) || op.reset == static_cast<uint8_t>(GruReset::kBefore));
}
bool fields_ok(const Header& h, const RnnOp& op) { return op.reserved == 0 && direction_ok(h, op.direction); }
bool fields_ok(const Header& h, const LastStepOp& op) {
  return op.reserved == 0 && op.reserved2 == 0 && direction_ok(h, op.direction);
}
bool fields_ok(const Header&, const MeanOverTimeOp& op) {
  return op.reserved == 0 && op.reserved2 == 0 && op.shift <= kMaxMeanShift;
}
bool fields_ok(const Header&, const Conv1dOp& op) {
  return op.reserved == 0 && known_activation(op.activation) && op.width >= 1 && op.width <= kMaxWidth;
}
bool fields_ok(const Header&, const MaxOverTimeOp&) { return true; }
bool fields_ok(const Header&, const ConcatOp& op) {
  if (op.count < 1 || op.count > kMaxConcatInputs) return false;
  for (uint32_t i = op.count; i < kMaxConcatInputs; i++)
    if (op.inputs[i] != kNoId) return false;
  return true;
}
bool fields_ok(const Header&, const LinearOp& op) {
  return op.reserved == 0 && op.reserved2 == 0 && known_activation(op.activation);
}
bool fields_ok(const Header&, const SoftmaxOp&) { return true; }

template <typename Op>
Status check_record(const Image& image, uint32_t where, uint32_t index, uint32_t left) {
  const auto& op = *reinterpret_cast<const Op*>(image.data + where);
  if (left < sizeof(Op) || op.size != sizeof(Op) || !fields_ok(*image.header, op)) return Status::kBadOp;
  OpChecker checker(image, index);
  check(checker, op);
  return checker.status();
}

Status check_op(const Image& image, uint32_t where, uint32_t index, uint32_t left) {
  if (left < sizeof(OpRecord)) return Status::kBadOp;
  switch (reinterpret_cast<const OpRecord*>(image.data + where)->type) {
    case OpType::kEmbedding: return check_record<EmbeddingOp>(image, where, index, left);
    case OpType::kLstm: return check_record<LstmOp>(image, where, index, left);
    case OpType::kConv1d: return check_record<Conv1dOp>(image, where, index, left);
    case OpType::kMaxOverTime: return check_record<MaxOverTimeOp>(image, where, index, left);
    case OpType::kConcat: return check_record<ConcatOp>(image, where, index, left);
    case OpType::kLinear: return check_record<LinearOp>(image, where, index, left);
    case OpType::kSoftmax: return check_record<SoftmaxOp>(image, where, index, left);
    case OpType::kGru: return check_record<GruOp>(image, where, index, left);
    case OpType::kRnn: return check_record<RnnOp>(image, where, index, left);
    case OpType::kLastStep: return check_record<LastStepOp>(image, where, index, left);
    case OpType::kMeanOverTime: return check_record<MeanOverTimeOp>(image, where, index, left);
  }
  return Status::kBadOp;
}

}  // namespace

Verdict validate_ops(const Image& image) {
  const Header& h = *image.header;
  uint32_t at = 0;
  for (uint32_t i = 0; i < h.op_count; i++) {
    const uint32_t where = h.ops.offset + at;
    const Status status = check_op(image, where, i, h.ops.size - at);
    if (status != Status::kOk) return {status, where};
    at += reinterpret_cast<const OpRecord*>(image.data + where)->size;
  }
  if (at != h.ops.size) return {Status::kBadOp, h.ops.offset + at};
  return kGood;
}

}  // namespace linnet
