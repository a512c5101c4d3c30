#include <cstddef>

#include "native/engine/validate.h"

namespace linnet {
namespace {

template <typename Op>
const Op& as(const uint8_t* record) {
  return *reinterpret_cast<const Op*>(record);
}

// One input, one output and nothing else.
template <typename Op>
void view_unary(const Op& op, OpView* v) {
  v->output = op.output;
  v->input_count = 1;
  v->inputs = &op.input;
}

template <typename Op>
void view_recurrent(const Op& op, uint32_t states, OpView* v) {
  static_assert(offsetof(Op, recurrent_weights) == offsetof(Op, input_weights) + sizeof(Dense));
  view_unary(op, v);
  v->matrix_count = 2;
  v->matrices = &op.input_weights;
  v->state_count = states;
  v->states = &op.hidden;
}

// One input, one output, one matrix.
template <typename Op>
void view_dense(const Op& op, OpView* v) {
  view_unary(op, v);
  v->matrix_count = 1;
  v->matrices = &op.weights;
}

}  // namespace

OpView view_op(const uint8_t* record) {
  static_assert(offsetof(LstmOp, cell) == offsetof(LstmOp, hidden) + sizeof(uint16_t));
  static_assert(offsetof(GruOp, wide) == offsetof(GruOp, hidden) + sizeof(uint16_t));
  OpView v = {as<OpRecord>(record).type, kNoId, 0, nullptr, 0, nullptr, 0, nullptr};
  switch (v.type) {
    case OpType::kEmbedding: v.output = as<EmbeddingOp>(record).output; break;
    case OpType::kLstm: view_recurrent(as<LstmOp>(record), 2, &v); break;
    case OpType::kGru: view_recurrent(as<GruOp>(record), 2, &v); break;
    case OpType::kRnn: view_recurrent(as<RnnOp>(record), 1, &v); break;
    case OpType::kConv1d: view_dense(as<Conv1dOp>(record), &v); break;
    case OpType::kLinear: view_dense(as<LinearOp>(record), &v); break;
    case OpType::kMaxOverTime: view_unary(as<MaxOverTimeOp>(record), &v); break;
    case OpType::kMeanOverTime: view_unary(as<MeanOverTimeOp>(record), &v); break;
    case OpType::kLastStep: view_unary(as<LastStepOp>(record), &v); break;
    case OpType::kSoftmax: view_unary(as<SoftmaxOp>(record), &v); break;
    case OpType::kConcat: {
      const auto& op = as<ConcatOp>(record);
      v.output = op.output;
      v.input_count = op.count;
      v.inputs = op.inputs;
      break;
    }
  }
  return v;
}

}  // namespace linnet
