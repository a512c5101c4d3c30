// The op section, record by record: docs/format.md, "Each op".
#include "native/engine/ops.h"
#include "native/engine/validate_op.h"

namespace linnet {
namespace {

template <OpType kType, typename Op>
Status check_record(const Image& image, uint32_t where, uint32_t index, uint32_t left) {
  if (!contains(kType)) return Status::kMissingOp;
  const auto& op = *reinterpret_cast<const Op*>(image.data + where);
  if (left < sizeof(Op) || op.size != sizeof(Op) || !fields_ok(*image.header, op)) return Status::kBadOp;
  OpChecker checker(image, index);
  check(checker, op);
  return checker.status();
}

Status check_op(const Image& image, uint32_t where, uint32_t index, uint32_t left) {
  if (left < sizeof(OpRecord)) return Status::kBadOp;
  switch (reinterpret_cast<const OpRecord*>(image.data + where)->type) {
    case OpType::kEmbedding: return check_record<OpType::kEmbedding, EmbeddingOp>(image, where, index, left);
    case OpType::kLstm: return check_record<OpType::kLstm, LstmOp>(image, where, index, left);
    case OpType::kConv: return check_record<OpType::kConv, ConvOp>(image, where, index, left);
    case OpType::kPool: return check_record<OpType::kPool, PoolOp>(image, where, index, left);
    case OpType::kConcat: return check_record<OpType::kConcat, ConcatOp>(image, where, index, left);
    case OpType::kLinear: return check_record<OpType::kLinear, LinearOp>(image, where, index, left);
    case OpType::kSoftmax: return check_record<OpType::kSoftmax, SoftmaxOp>(image, where, index, left);
    case OpType::kGru: return check_record<OpType::kGru, GruOp>(image, where, index, left);
    case OpType::kRnn: return check_record<OpType::kRnn, RnnOp>(image, where, index, left);
    case OpType::kLastStep: return check_record<OpType::kLastStep, LastStepOp>(image, where, index, left);
    case OpType::kAdd: return check_record<OpType::kAdd, AddOp>(image, where, index, left);
    case OpType::kMul: return check_record<OpType::kMul, MulOp>(image, where, index, left);
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
  return {};
}

}  // namespace linnet
