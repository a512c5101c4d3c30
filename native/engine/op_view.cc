#include <cstddef>

#include "native/engine/validate.h"

namespace linnet {
namespace {

template <typename Op>
const Op& as(const uint8_t* record) {
  return *reinterpret_cast<const Op*>(record);
}

}  // namespace

OpView view_op(const uint8_t* record) {
  OpView v = {as<OpRecord>(record).type, kNoId, 0, nullptr, 0, nullptr, 0, nullptr};
  switch (v.type) {
    case OpType::kEmbedding: {
      v.output = as<EmbeddingOp>(record).output;
      break;
    }
    case OpType::kLstm: {
      const auto& op = as<LstmOp>(record);
      static_assert(offsetof(LstmOp, recurrent_weights) == offsetof(LstmOp, input_weights) + sizeof(Dense));
      static_assert(offsetof(LstmOp, cell) == offsetof(LstmOp, hidden) + sizeof(uint16_t));
      v.output = op.output;
      v.input_count = 1;
      v.inputs = &op.input;
      v.matrix_count = 2;
      v.matrices = &op.input_weights;
      v.state_count = 2;
      v.states = &op.hidden;
      break;
    }
    case OpType::kConv1d: {
      const auto& op = as<Conv1dOp>(record);
      v.output = op.output;
      v.input_count = 1;
      v.inputs = &op.input;
      v.matrix_count = 1;
      v.matrices = &op.weights;
      break;
    }
    case OpType::kMaxOverTime: {
      const auto& op = as<MaxOverTimeOp>(record);
      v.output = op.output;
      v.input_count = 1;
      v.inputs = &op.input;
      break;
    }
    case OpType::kConcat: {
      const auto& op = as<ConcatOp>(record);
      v.output = op.output;
      v.input_count = op.count;
      v.inputs = op.inputs;
      break;
    }
    case OpType::kLinear: {
      const auto& op = as<LinearOp>(record);
      v.output = op.output;
      v.input_count = 1;
      v.inputs = &op.input;
      v.matrix_count = 1;
      v.matrices = &op.weights;
      break;
    }
    case OpType::kSoftmax: {
      const auto& op = as<SoftmaxOp>(record);
      v.output = op.output;
      v.input_count = 1;
      v.inputs = &op.input;
      break;
    }
  }
  return v;
}

}  // namespace linnet
