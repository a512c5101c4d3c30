// Scoring of token ids that come in chunks, an engine step at a time.
#pragma once

#include "firmware/app/model.h"
#include "linnet/generate.h"
#include "linnet/schema/link.h"

namespace linnet {

class Scoring {
 public:
  explicit Scoring(Model& model) : model_(model) {}

  // Starts on a chunk: `index` 0 from the initial state and BOS, n where n-1 ended. `ids` are copied.
  Status start(uint32_t index, const uint16_t* ids, uint32_t count);
  // Scores one token. True when the chunk is done and answer() stands.
  bool step();

  // The answer to chunk `index` is still known.
  bool remembers(uint32_t index) const { return !running_ && answered_ && answer_.index == index; }
  bool running() const { return running_; }
  const ScoreReply& answer() const { return answer_; }
  uint32_t ticks() const { return ticks_; }

  // Somebody else used the session, or nobody wants the answer: only chunk 0 may come next.
  void forget_state();

 private:
  Model& model_;
  ScoreReply answer_ = {};
  uint32_t ticks_ = 0;
  uint32_t done_ = 0;
  uint32_t next_index_ = 0;
  bool running_ = false;
  bool answered_ = false;
};

}  // namespace linnet
