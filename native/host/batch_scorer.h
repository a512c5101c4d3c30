// Scoring several tokens at a time: the output layer's weights, most of a language model, are read once for all.
#pragma once

#include <vector>

#include "linnet/session.h"

namespace linnet {

class BatchScorer {
 public:
  // Tokens at a time.
  static constexpr uint32_t kMost = 16;

  explicit BatchScorer(const Image& image);

  // Σ -ln p (nats, Q.16) of ids[0 … count), each after those before it and what was fed to the session; count <= kMost.
  // All of them are fed, and *nll is added to. As negative_log_likelihood() and feed() one by one.
  Status score(Session& session, const uint16_t* ids, uint32_t count, uint64_t* nll);

 private:
  std::vector<int8_t> rows_;  // [kMost, features of the output layer's input]
};

}  // namespace linnet
