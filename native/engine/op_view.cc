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

// Two inputs and one output.
template <typename Op>
void view_pair(const Op& op, OpView* v) {
  v->output = op.output;
  v->input_count = 2;
  v->inputs = op.inputs;
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
  OpView v = {as<OpRecord>(record).type, kNoId, 0, nullptr, 0, nullptr, 0, nullptr, kNoId};
  switch (v.type) {
    case OpType::kEmbedding: v.output = as<EmbeddingOp>(record).output; break;
    case OpType::kLstm: view_recurrent(as<LstmOp>(record), 2, &v); break;
    case OpType::kGru: view_recurrent(as<GruOp>(record), 2, &v); break;
    case OpType::kRnn: view_recurrent(as<RnnOp>(record), 1, &v); break;
    case OpType::kConv:
      view_dense(as<ConvOp>(record), &v);
      v.window = as<ConvOp>(record).window;
      break;
    case OpType::kLinear: view_dense(as<LinearOp>(record), &v); break;
    case OpType::kPool: view_unary(as<PoolOp>(record), &v); break;
    case OpType::kLastStep: view_unary(as<LastStepOp>(record), &v); break;
    case OpType::kAdd: view_pair(as<AddOp>(record), &v); break;
    case OpType::kMul: view_pair(as<MulOp>(record), &v); break;
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
