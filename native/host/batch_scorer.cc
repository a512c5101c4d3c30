#include "native/host/batch_scorer.h"

#include <cstring>

#include "native/engine/activation.h"
#include "native/engine/log_sum_exp.h"
#include "native/engine/run.h"

namespace linnet {
namespace {

template <typename Op>
const Op& as(const uint8_t* record) {
  return *reinterpret_cast<const Op*>(record);
}

// Whether an op makes of n steps what it makes of each of them, one after another.
bool goes_step_by_step(const uint8_t* record) {
  switch (as<OpRecord>(record).type) {
    case OpType::kEmbedding:
    case OpType::kLinear:
    case OpType::kConcat:
    case OpType::kAdd:
    case OpType::kMul: return true;
    case OpType::kLstm: return !is_reverse(as<LstmOp>(record).direction);
    case OpType::kGru: return !is_reverse(as<GruOp>(record).direction);
    case OpType::kRnn: return !is_reverse(as<RnnOp>(record).direction);
    case OpType::kConv: {
      const auto& op = as<ConvOp>(record);
      return op.kernel[0] == 1 && op.stride[0] == 1 && op.upsample[0] == 1 && op.pad_begin[0] == 0;
    }
    case OpType::kPool:
    case OpType::kSoftmax:
    case OpType::kLastStep: return false;
  }
  return false;
}

bool goes_step_by_step(const Image& image) {
  uint32_t at = 0;
  for (uint32_t i = 0; i < image.header->op_count; i++) {
    const uint8_t* record = image.op_at(at);
    if (!goes_step_by_step(record)) return false;
    at += as<OpRecord>(record).size;
  }
  for (uint32_t i = 0; i < image.header->tensor_count; i++) {
    const Tensor& t = image.tensors[i];
    const bool vector = t.kind == static_cast<uint8_t>(TensorKind::kActivation) && t.time == 0;
    if (vector && i != output_layer(image).output) return false;
  }
  return true;
}

}  // namespace

BatchScorer::BatchScorer(const Image& image)
    : columns_(output_layer(image).weights.columns),
      rows_(size_t{1 + kMost} * columns_),
      block_(size_t{kMost} * kRows),
      image_(image) {
  batched_ = goes_step_by_step(image);
  if (!batched_) return;
  tensors_.assign(image.tensors, image.tensors + image.header->tensor_count);
  uint64_t end = 0;
  for (Tensor& t : tensors_) {
    if (t.kind != static_cast<uint8_t>(TensorKind::kActivation)) continue;
    t.offset = static_cast<uint32_t>(end);
    // Elements of int32 at most; the logits, which nobody stores, take room too.
    end += (uint64_t{kMost} * t.dims[t.rank - 1] * sizeof(int32_t) + 63) / 64 * 64;
  }
  scratch_.resize(end / sizeof(uint64_t));
  image_.tensors = tensors_.data();
}

Status BatchScorer::feed_singly(Session& session, const uint16_t* ids, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    const Status status = feed(session, ids[i]);
    if (status != Status::kOk) return status;
    std::memcpy(row(i + 1), output_layer_input(session), columns_);
  }
  return Status::kOk;
}

Status BatchScorer::feed_all(Session& session, const uint16_t* ids, uint32_t count) {
  if (!batched_) return feed_singly(session, ids, count);
  Session batch = {&image_, session.state, reinterpret_cast<uint8_t*>(scratch_.data())};
  const Status status = feed_steps(batch, ids, count);
  if (status != Status::kOk) return status;
  std::memcpy(row(1), output_layer_input(batch), size_t{count} * columns_);
  std::memcpy(output_layer_input(session), row(count), columns_);
  return Status::kOk;
}

Status BatchScorer::score(Session& session, const uint16_t* ids, uint32_t count, uint64_t* nll) {
  const Image& image = *session.image;
  const OutputLayer head = output_layer(image);
  const DenseView& w = head.weights;
  std::memcpy(row(0), output_layer_input(session), columns_);
  const Status status = feed_all(session, ids, count);
  if (status != Status::kOk) return status;
  std::vector<LogSumExp> totals;
  totals.reserve(count);
  for (uint32_t i = 0; i < count; i++) totals.emplace_back(ids[i], image.header->logit_frac);
  int16_t logits[kRows];
  for (uint32_t first = 0; first < w.rows; first += kRows) {
    const uint32_t size = w.rows - first < kRows ? w.rows - first : kRows;
    kernels().dense_many_i8(w, row(0), columns_, count, first, size, block_.data());
    for (uint32_t i = 0; i < count; i++) {
      activate(head.activation, block_.data() + i * size, size, logits);
      totals[i].add(first, logits, size);
    }
  }
  for (const LogSumExp& total : totals) *nll += total.negative_log_likelihood();
  return Status::kOk;
}

}  // namespace linnet
