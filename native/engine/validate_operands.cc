#include "native/engine/validate_op.h"

namespace linnet {
namespace {

// A recurrent layer of so many gates; `wide` is its int32 state, if it has one.
template <typename Op>
void check_recurrent(OpChecker& c, const Op& op, uint32_t gates, bool second_bias, const uint16_t* wide) {
  const Packing packing = gates == 4 ? Packing::kGates : Packing::kRows;
  c.operand(op.input, kSequence);
  c.operand(op.output, kSequence);
  c.matrix(op.input_weights, packing, true, true);
  c.matrix(op.recurrent_weights, packing, second_bias);
  c.operand(op.hidden, kHidden);
  if (wide != nullptr) c.operand(*wide, kWide);
  if (!c.ok()) return;
  const Tensor &in = c.tensor(op.input), &out = c.tensor(op.output);
  const uint32_t h = out.dims[1];
  c.shape(same_time(in, out) && h <= kMaxHidden && c.tensor(op.hidden).dims[0] == h);
  if (wide != nullptr) c.shape(c.tensor(*wide).dims[0] == h);
  c.matrix_shape(op.input_weights, uint64_t{gates} * h, in.dims[1]);
  c.matrix_shape(op.recurrent_weights, uint64_t{gates} * h, h);
  c.numbers(op.input_weights);
  c.numbers(op.recurrent_weights);
}

// add, mul.
template <typename Op>
void check_pair(OpChecker& c, const Op& op) {
  const Want want = c.sequence_or_vector(op.inputs[0]);
  for (const uint16_t id : op.inputs) c.operand(id, want);
  c.operand(op.output, want);
  if (!c.ok()) return;
  const Tensor& output = c.tensor(op.output);
  for (const uint16_t id : op.inputs)
    c.shape(same_time(c.tensor(id), output) && features(c.tensor(id)) == features(output));
}

}  // namespace

void check(OpChecker& c, const EmbeddingOp& op) {
  c.operand(op.output, kSequence);
  c.weight(op.table, c.packing(op.table));  // single rows can be read of any
  if ((op.multiplier == kNoId) != (op.shift == kNoId)) c.fail(Status::kBadOperand);
  if (op.multiplier != kNoId) {
    c.operand(op.multiplier, kMultiplier);
    c.operand(op.shift, kShift);
  }
  if (!c.ok()) return;
  const Tensor &table = c.tensor(op.table), &output = c.tensor(op.output);
  const uint32_t steps = c.header().max_tokens == 0 ? 1 : c.header().max_tokens;
  c.shape(output.dims[0] == steps && output.time_factor == 1 && output.time_divisor == 1 && output.time_offset == 0);
  c.shape(table.dims[0] == c.header().vocab_size && table.dims[1] == output.dims[1]);
  if (op.multiplier != kNoId)
    c.shape(c.tensor(op.multiplier).dims[0] == table.dims[0] && c.tensor(op.shift).dims[0] == table.dims[0]);
  c.numbers(op.table, kNoId, op.multiplier, op.shift);
}

void check(OpChecker& c, const LstmOp& op) { check_recurrent(c, op, 4, false, &op.cell); }
void check(OpChecker& c, const GruOp& op) { check_recurrent(c, op, 3, true, &op.wide); }
void check(OpChecker& c, const RnnOp& op) { check_recurrent(c, op, 1, false, nullptr); }

void check(OpChecker& c, const AddOp& op) { check_pair(c, op); }
void check(OpChecker& c, const MulOp& op) { check_pair(c, op); }

void check(OpChecker& c, const LastStepOp& op) {
  c.operand(op.input, kSequence);
  c.operand(op.output, kVector);
  if (c.ok()) c.shape(c.tensor(op.input).dims[1] == c.tensor(op.output).dims[0]);
}

void check(OpChecker& c, const ConcatOp& op) {
  const Want want = c.sequence_or_vector(op.output);
  c.operand(op.output, want);
  for (uint32_t i = 0; i < op.count; i++) c.operand(op.inputs[i], want);
  if (!c.ok()) return;
  const Tensor& output = c.tensor(op.output);
  uint64_t sum = 0;
  for (uint32_t i = 0; i < op.count; i++) {
    c.shape(same_time(c.tensor(op.inputs[i]), output));
    sum += features(c.tensor(op.inputs[i]));
  }
  c.shape(sum == features(output));
}

void check(OpChecker& c, const LinearOp& op) {
  const Want in = c.sequence_or_vector(op.input);
  c.operand(op.input, in);
  if (!c.ok()) return;
  // int16 is not for what the tables make Q0.7 of.
  const bool wide = op.activation <= static_cast<uint8_t>(Activation::kRelu) && op.output < c.header().tensor_count &&
                    c.tensor(op.output).dtype == static_cast<uint8_t>(DType::kI16);
  c.operand(op.output, {in.kind, wide ? DType::kI16 : DType::kI8, in.rank, in.time});
  c.matrix(op.weights, Packing::kRows, true);
  if (!c.ok()) return;
  const Tensor &input = c.tensor(op.input), &output = c.tensor(op.output);
  c.shape(same_time(input, output));
  c.matrix_shape(op.weights, features(output), features(input));
  c.numbers(op.weights);
}

void check(OpChecker& c, const SoftmaxOp& op) {
  c.operand(op.input, kLogits);
  c.operand(op.output, kScores);
  if (c.ok()) c.shape(c.tensor(op.input).dims[0] == c.tensor(op.output).dims[0]);
}

}  // namespace linnet
