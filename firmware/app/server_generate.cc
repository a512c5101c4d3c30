// GENERATE, PULL and CANCEL: tokens in order under credits, kept until acknowledged (docs/link.md, Generating).
#include <cstring>

#include "firmware/app/server.h"

namespace linnet {

Status Server::generate(const Message& m) {
  GenerateRequest request;
  if (m.size < sizeof(request)) return Status::kBadMessage;
  std::memcpy(&request, m.payload, sizeof(request));
  if (request.reserved != 0 || request.keep_state > 1) return Status::kBadMessage;
  if (request.credit < 1 || request.credit > kTokenWindow) return Status::kBadParameter;
  if (m.request == generation_id_) return rewind(0, request.credit);  // sent twice, run once
  if (occupied()) return Status::kBusy;
  GenerationRequest start;
  start.prompt = reinterpret_cast<const char*>(m.payload + sizeof(request));
  start.prompt_bytes = m.size - static_cast<uint32_t>(sizeof(request));
  start.max_tokens = request.max_tokens;
  start.options.seed = request.seed;
  start.options.temperature_q12 = request.temperature_q12;
  start.options.top_k = request.top_k;
  start.keep_state = request.keep_state == 1;
  const Status status = generation_.start(start);
  if (status != Status::kOk) return status;
  forget();
  generation_id_ = m.request;
  ended_ = false;
  done_sent_ = false;
  made_ = 0;
  cursor_ = 0;
  granted_ = request.credit;
  return Status::kOk;
}

Status Server::pull(const Message& m) {
  PullRequest request;
  if (m.size != sizeof(request)) return Status::kBadMessage;
  std::memcpy(&request, m.payload, sizeof(request));
  if (request.reserved != 0 || request.credit > kTokenWindow || m.request != generation_id_) return Status::kBadMessage;
  return rewind(request.next, request.credit);
}

// Sends again from `next` on. What lies before the window is gone, what lies after the end never was.
Status Server::rewind(uint32_t next, uint32_t credit) {
  const uint32_t end = ended_ ? made_ + 1 : made_;  // DONE has a number too
  if (next > end || (made_ > kTokenWindow && next < made_ - kTokenWindow)) return Status::kBadMessage;
  granted_ = next + credit;
  cursor_ = next < made_ ? next : made_;
  done_sent_ = next > made_;
  return Status::kOk;
}

// Always the same answer, for afterwards it is always true that this request does not run.
Status Server::cancel(const Message& m) {
  if (m.size != 0) return Status::kBadMessage;
  answer(ReplyType::kCancel, m.request, StatusReply{static_cast<uint8_t>(Status::kOk), {}});
  if (m.request == generation_id_ && !ended_) {
    generation_.cancel();
    finish_generation();
    cursor_ = made_;
  }
  if (m.request == score_id_ && scoring_.running()) {
    forget();
    return Status::kCancelled;
  }
  return Status::kOk;
}

// One engine step of the running generation, if there is credit for what may come of it.
bool Server::advance() {
  if (generation_.may_make_token() && made_ >= granted_) return false;
  switch (generation_.step()) {
    case Generation::Step::kPrompt: break;
    case Generation::Step::kToken: window_[made_++ % kTokenWindow] = generation_.token(); break;
    case Generation::Step::kDone: finish_generation(); break;
  }
  return true;
}

void Server::finish_generation() {
  ended_ = true;
  last_ticks_ = generation_.ticks();
  last_tokens_ = generation_.prompt_tokens() + made_;
}

void Server::send_token(uint32_t sequence) {
  const uint16_t id = window_[sequence % kTokenWindow];
  const TokenText text = model_.tokenizer().text(id);
  const TokenReply reply = {sequence, id, 0};
  FrameWriter frame(ReplyType::kToken, generation_id_);
  frame.add(&reply, sizeof(reply));
  if (text.size > 0 && generation_.space_before(sequence)) frame.add(" ", 1);
  frame.add(text.bytes, text.size);
  frame.end();
}

void Server::send_done() {
  const DoneReply reply = {
      made_, static_cast<uint8_t>(generation_.status()), {}, generation_.prompt_tokens(), generation_.ticks()};
  answer(ReplyType::kDone, generation_id_, reply);
  done_sent_ = true;
}

}  // namespace linnet
