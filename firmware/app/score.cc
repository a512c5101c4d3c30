#include "firmware/app/score.h"

#include "firmware/port.h"

namespace linnet {

Status Scoring::start(uint32_t index, const uint16_t* ids, uint32_t count) {
  if (!model_.ready()) return Status::kNoModel;
  if (!model_.is_language_model()) return Status::kWrongKind;
  if (index != 0 && index != next_index_) return Status::kBadMessage;
  for (uint32_t i = 0; i < count; i++)
    if (ids[i] >= model_.header().vocab_size) return Status::kBadToken;
  for (uint32_t i = 0; i < count; i++) model_.ids[i] = ids[i];
  ticks_ = 0;
  if (index == 0) {
    const uint32_t start = port::ticks();
    const uint16_t bos = model_.header().bos_id;
    reset(model_.session);
    feed(model_.session, bos == kNoId ? 0 : bos);
    ticks_ += port::ticks() - start;
  }
  answer_ = {index, count, 0};
  done_ = 0;
  running_ = true;
  return Status::kOk;
}

bool Scoring::step() {
  const uint32_t start = port::ticks();
  const uint16_t id = model_.ids[done_++];
  answer_.nll_q16 += negative_log_likelihood(model_.session, id);
  feed(model_.session, id);
  ticks_ += port::ticks() - start;
  if (done_ < answer_.count) return false;
  running_ = false;
  answered_ = true;
  next_index_ = answer_.index + 1;
  return true;
}

void Scoring::forget_state() {
  running_ = false;
  answered_ = false;
  next_index_ = 0;
}

}  // namespace linnet
