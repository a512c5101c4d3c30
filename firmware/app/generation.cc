#include "firmware/app/generation.h"

#include "firmware/port.h"

namespace linnet {

void Generation::forget_state() {
  has_state_ = false;
  unfed_ = kNoId;
}

uint32_t Generation::ticks() const { return ticks_ > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(ticks_); }

Status Generation::start(const GenerationRequest& request) {
  if (!model_.ready()) return Status::kNoModel;
  if (!model_.is_language_model()) return Status::kWrongKind;
  if (request.max_tokens < 1 || request.max_tokens > kMostTokens) return Status::kBadParameter;
  Status status = sampler_.start(request.options, model_.header().logit_frac);
  if (status == Status::kOk) status = read_prompt(request);
  if (status != Status::kOk) return status;
  max_tokens_ = request.max_tokens;
  tokens_ = 0;
  fed_ = 0;
  first_text_ = UINT32_MAX;
  ticks_ = 0;
  status_ = Status::kOk;
  running_ = true;
  return Status::kOk;
}

// Fills model_.ids with what is to be fed first, and resets the state unless it is to be kept.
Status Generation::read_prompt(const GenerationRequest& request) {
  const bool goes_on = request.keep_state && has_state_;
  const uint16_t bos = model_.header().bos_id;
  uint32_t before = 0;
  if (goes_on && unfed_ != kNoId) model_.ids[before++] = unfed_;
  const uint32_t left_over = before;
  if (!goes_on && bos != kNoId) model_.ids[before++] = bos;

  uint32_t encoded = 0;
  const Tokenizer tokenizer = model_.tokenizer();
  const Status status =
      tokenizer.encode(request.prompt, request.prompt_bytes, model_.ids + before, kMaxIds - before, &encoded);
  if (status != Status::kOk) return status;
  if (before + encoded == 0 && !goes_on) return Status::kInputEmpty;

  if (!goes_on) reset(model_.session);
  has_state_ = goes_on;
  unfed_ = kNoId;
  to_feed_ = before + encoded;
  prompt_tokens_ = to_feed_ - left_over;
  joins_ = tokenizer.joins_with_space();
  follows_text_ = goes_on || encoded > 0;
  return Status::kOk;
}

void Generation::cancel() {
  if (running_) finish(Status::kCancelled);
}

Generation::Step Generation::step() {
  const uint32_t start = port::ticks();
  const Step step = advance();
  ticks_ += port::ticks() - start;
  return step;
}

Generation::Step Generation::advance() {
  if (fed_ < to_feed_) {
    const Status status = feed(model_.session, model_.ids[fed_++]);
    has_state_ = true;
    return status == Status::kOk ? Step::kPrompt : finish(status);
  }
  if (tokens_ == max_tokens_) return finish(Status::kOk);
  if (unfed_ != kNoId) {
    const Status status = feed(model_.session, unfed_);
    unfed_ = kNoId;
    if (status != Status::kOk) return finish(status);
  }
  const uint16_t id = sampler_.choose(model_.session);
  if (id == model_.header().eos_id) return finish(Status::kOk);
  unfed_ = id;
  if (first_text_ == UINT32_MAX && model_.tokenizer().text(id).size > 0) first_text_ = tokens_;
  tokens_++;
  total_tokens_++;
  return Step::kToken;
}

Generation::Step Generation::finish(Status status) {
  running_ = false;
  status_ = status;
  return Step::kDone;
}

}  // namespace linnet
