// One generation, an engine step at a time, so that the loop can look at its input in between.
#pragma once

#include "firmware/app/model.h"
#include "linnet/generate.h"

namespace linnet {

constexpr uint32_t kMostTokens = 1'000'000;

struct GenerationRequest {
  const char* prompt;
  uint32_t prompt_bytes;
  uint32_t max_tokens;  // 1 … kMostTokens
  GenerateOptions options;
  bool keep_state;  // go on from what was fed before, if anything was
};

class Generation {
 public:
  enum class Step : uint8_t {
    kPrompt,  // a token of the prompt was fed
    kToken,   // token() is new
    kDone,    // status() says how it ended
  };

  explicit Generation(Model& model) : model_(model) {}

  // kOk: step() until kDone.
  Status start(const GenerationRequest& request);
  Step step();
  // Ends it where it is, status kCancelled.
  void cancel();
  // Whether the next step may make a token.
  bool may_make_token() const { return fed_ == to_feed_ && tokens_ < max_tokens_; }

  bool running() const { return running_; }
  Status status() const { return status_; }
  uint16_t token() const { return unfed_; }
  uint32_t tokens() const { return tokens_; }
  uint32_t prompt_tokens() const { return prompt_tokens_; }  // BOS counted
  uint32_t ticks() const;                                    // inside the engine, saturating
  uint32_t total_tokens() const { return total_tokens_; }    // of all generations

  // Whether the space that joins words goes before token number `sequence`, one already made, if it has any text.
  bool space_before(uint32_t sequence) const { return joins_ && (follows_text_ || sequence > first_text_); }

  // Somebody else used the session: there is no state to go on from.
  void forget_state();

 private:
  Status read_prompt(const GenerationRequest& request);
  Step advance();
  Step finish(Status status);

  Model& model_;
  Sampler sampler_;
  uint64_t ticks_ = 0;
  uint32_t max_tokens_ = 0;
  uint32_t tokens_ = 0;
  uint32_t total_tokens_ = 0;
  uint32_t prompt_tokens_ = 0;
  uint32_t to_feed_ = 0;  // of model_.ids
  uint32_t fed_ = 0;
  uint32_t first_text_ = UINT32_MAX;  // number of the first token that is not empty
  uint16_t unfed_ = kNoId;            // the last token chosen; fed when the next one is wanted
  Status status_ = Status::kOk;
  bool running_ = false;
  bool has_state_ = false;
  bool joins_ = false;
  bool follows_text_ = false;
};

}  // namespace linnet
