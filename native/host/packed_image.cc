#include "native/host/packed_image.h"

namespace linnet {
namespace {

// Bytes by which packing may exceed twice the matrix: rows of few columns, or groups of few rows, would take many times
// their size, and gain nothing.
constexpr uint64_t kMostPadding = 1 << 16;

bool worth_packing(const DenseView& w, uint32_t sections) {
  return packed_bytes(w.rows, w.columns, sections) <= 2 * uint64_t{w.rows} * w.columns + kMostPadding;
}

// visit(dense, sections) for every matrix, `dense` within its op record.
template <typename Visit>
void each_matrix(const Image& image, const Visit& visit) {
  uint32_t at = 0;
  for (uint32_t i = 0; i < image.header->op_count; i++) {
    const uint8_t* record = image.op_at(at);
    const auto recurrent = [&](const auto& op, uint32_t gates) {
      visit(op.input_weights, gates);
      visit(op.recurrent_weights, gates);
    };
    switch (reinterpret_cast<const OpRecord*>(record)->type) {
      case OpType::kLstm: recurrent(*reinterpret_cast<const LstmOp*>(record), 4); break;
      case OpType::kGru: recurrent(*reinterpret_cast<const GruOp*>(record), 3); break;
      case OpType::kRnn: recurrent(*reinterpret_cast<const RnnOp*>(record), 1); break;
      case OpType::kLinear: visit(reinterpret_cast<const LinearOp*>(record)->weights, 1); break;
      case OpType::kConv: {
        const auto& op = *reinterpret_cast<const ConvOp*>(record);
        visit(op.weights, op.groups);
        break;
      }
      case OpType::kEmbedding:
      case OpType::kPool:
      case OpType::kConcat:
      case OpType::kSoftmax:
      case OpType::kLastStep:
      case OpType::kAdd:
      case OpType::kMul: break;
    }
    at += reinterpret_cast<const OpRecord*>(record)->size;
  }
}

}  // namespace

bool PackedImage::pack(Image* image) {
  uint64_t bytes = 0;
  each_matrix(*image, [&](const Dense& d, uint32_t sections) {
    const DenseView w = image->dense(d, sections);
    if (worth_packing(w, sections)) bytes += packed_bytes(w.rows, w.columns, sections);
  });
  if (bytes == 0) return false;
  // Prefetching goes beyond the end, which is allowed.
  data_ = AlignedBytes(bytes, false);
  if (!data_.data()) return false;
  bytes_ = bytes;
  table_.assign(image->header->ops.size / 2, nullptr);
  uint8_t* to = data_.data();
  each_matrix(*image, [&](const Dense& d, uint32_t sections) {
    const DenseView w = image->dense(d, sections);
    if (!worth_packing(w, sections)) return;
    pack_dense(w, to);
    table_[static_cast<size_t>(reinterpret_cast<const uint8_t*>(&d) - image->op_at(0)) / 2] = to;
    to += packed_bytes(w.rows, w.columns, sections);
  });
  image->packed = table_.data();
  return true;
}

}  // namespace linnet
