// Scoring several tokens at a time, layer by layer: the weights of a language model are read once for all of them,
// except those that a recurrent layer multiplies its state with.
#pragma once

#include <vector>

#include "linnet/session.h"

namespace linnet {

class BatchScorer {
 public:
  // Tokens at a time.
  static constexpr uint32_t kMost = 32;

  // The image must outlive it.
  explicit BatchScorer(const Image& image);

  // Σ -ln p (nats, Q.16) of ids[0 … count), each after those before it and what was fed to the session; count <= kMost.
  // All of them are fed, and *nll is added to. As negative_log_likelihood() and feed() one by one.
  Status score(Session& session, const uint16_t* ids, uint32_t count, uint64_t* nll);

 private:
  // Feeds the tokens; the rows of output_layer_input() after each of them go to rows_[1 … count].
  Status feed_all(Session& session, const uint16_t* ids, uint32_t count);
  Status feed_singly(Session& session, const uint16_t* ids, uint32_t count);
  int8_t* row(uint32_t i) { return rows_.data() + uint64_t{i} * columns_; }

  // Rows of the output layer at a time: they stay in the second-level cache for all tokens.
  static constexpr uint32_t kRows = 512;

  uint32_t columns_;
  std::vector<int8_t> rows_;    // [1 + kMost, features of the output layer's input]
  std::vector<int32_t> block_;  // [kMost, kRows], logits before they are narrowed
  // The image with room for kMost steps in every activation, none of which shares its memory with another; none if an
  // op of it is not the same for several steps as for one after another.
  bool batched_ = false;
  Image image_;
  std::vector<Tensor> tensors_;
  std::vector<uint64_t> scratch_;
};

}  // namespace linnet
