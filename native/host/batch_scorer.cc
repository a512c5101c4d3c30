#include "native/host/batch_scorer.h"

#include <cstring>

#include "native/engine/activation.h"
#include "native/engine/log_sum_exp.h"
#include "native/engine/run.h"

namespace linnet {

BatchScorer::BatchScorer(const Image& image) : rows_(size_t{kMost} * output_layer(image).weights.columns) {}

Status BatchScorer::score(Session& session, const uint16_t* ids, uint32_t count, uint64_t* nll) {
  const Image& image = *session.image;
  const OutputLayer head = output_layer(image);
  const DenseView& w = head.weights;
  for (uint32_t i = 0; i < count; i++) {
    std::memcpy(&rows_[size_t{i} * w.columns], output_layer_input(session), w.columns);
    const Status status = feed(session, ids[i]);
    if (status != Status::kOk) return status;
  }
  std::vector<LogSumExp> totals;
  for (uint32_t i = 0; i < count; i++) totals.emplace_back(ids[i], image.header->logit_frac);
  constexpr uint32_t kRows = 256;
  int32_t block[kMost * kRows];
  int16_t logits[kRows];
  for (uint32_t first = 0; first < w.rows; first += kRows) {
    const uint32_t size = w.rows - first < kRows ? w.rows - first : kRows;
    kernels().dense_many_i8(w, rows_.data(), w.columns, count, first, size, block);
    for (uint32_t i = 0; i < count; i++) {
      activate(head.activation, block + i * size, size, logits);
      totals[i].add(first, logits, size);
    }
  }
  for (const LogSumExp& total : totals) *nll += total.negative_log_likelihood();
  return Status::kOk;
}

}  // namespace linnet
