// The op section, record by record: docs/format.md, "Each op".
#include "native/engine/validate_op.h"

namespace linnet {
namespace {

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
    case OpType::kConv: return check_record<ConvOp>(image, where, index, left);
    case OpType::kPool: return check_record<PoolOp>(image, where, index, left);
    case OpType::kConcat: return check_record<ConcatOp>(image, where, index, left);
    case OpType::kLinear: return check_record<LinearOp>(image, where, index, left);
    case OpType::kSoftmax: return check_record<SoftmaxOp>(image, where, index, left);
    case OpType::kGru: return check_record<GruOp>(image, where, index, left);
    case OpType::kRnn: return check_record<RnnOp>(image, where, index, left);
    case OpType::kLastStep: return check_record<LastStepOp>(image, where, index, left);
    case OpType::kAdd: return check_record<AddOp>(image, where, index, left);
    case OpType::kMul: return check_record<MulOp>(image, where, index, left);
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
