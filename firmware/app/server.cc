#include "firmware/app/server.h"

#include <cstring>

#include "firmware/port.h"
#include "firmware/version.h"
#include "linnet/digest.h"

namespace linnet {
namespace {

uint32_t length(const char* text) { return static_cast<uint32_t>(std::strlen(text)); }

void refuse(uint16_t request, Status status) {
  answer(ReplyType::kError, request, StatusReply{static_cast<uint8_t>(status), {}});
}

}  // namespace

void Server::receive(const uint8_t* message, uint32_t size, bool elsewhere) {
  MessageHeader header = {};
  if (size >= sizeof(header)) std::memcpy(&header, message, sizeof(header));
  if (header.request == 0 || header.reserved != 0) return refuse(header.request, Status::kBadMessage);
  elsewhere_ = elsewhere;
  const Status status = dispatch({static_cast<MessageType>(header.type), header.request, message + sizeof(header),
                                  size - static_cast<uint32_t>(sizeof(header))});
  if (status != Status::kOk) refuse(header.request, status);
}

// kOk: the answer is sent, or will be. Else the request is refused and nothing has changed.
Status Server::dispatch(const Message& m) {
  if (m.type != MessageType::kPull) requests_++;
  switch (m.type) {
    case MessageType::kHello: return hello(m);
    case MessageType::kGenerate: return generate(m);
    case MessageType::kPull: return pull(m);
    case MessageType::kCancel: return cancel(m);
    case MessageType::kClassify: return classify(m);
    case MessageType::kScore: return score(m);
    case MessageType::kSelfTest: return self_test(m);
    case MessageType::kStats: return stats(m);
    case MessageType::kUploadBegin: return upload_begin(m);
    case MessageType::kUploadData: return upload_data(m);
    case MessageType::kUploadCommit: return upload_commit(m);
    case MessageType::kPing: return ping(m);
  }
  return Status::kBadMessage;
}

Status Server::hello(const Message& m) {
  HelloRequest request;
  if (m.size != sizeof(request)) return Status::kBadMessage;
  std::memcpy(&request, m.payload, sizeof(request));
  if (request.protocol_min > kProtocolVersion || request.protocol_max < kProtocolVersion)
    return Status::kUnsupportedProtocol;
  greeted_ = true;
  if (generation_id_ != 0) generation_.cancel();
  forget();
  generation_.forget_state();

  HelloReply reply = {};
  reply.protocol = kProtocolVersion;
  reply.max_message = kMessageBytes;
  reply.token_window = kTokenWindow;
  reply.ram_total = port::arena().size;
  reply.ticks_per_second = port::ticks_per_second();
  reply.model_status = static_cast<uint8_t>(model_.status);
  if (model_.ready()) {
    const Header& header = model_.header();
    reply.model_kind = header.kind;
    reply.label_count = header.label_count;
    reply.vocab_size = header.vocab_size;
    reply.image_size = header.size;
    std::memcpy(reply.image_sha256, model_.sha256, sizeof(reply.image_sha256));
  }
  reply.ram_used = model_.ram_used;
  FrameWriter frame(ReplyType::kHello, m.request);
  frame.add(&reply, sizeof(reply));
  const char* const names[] = {port::board_name(), kFirmwareVersion, model_.ready() ? model_.image.name() : ""};
  for (const char* name : names) frame.add(name, length(name) + 1);
  for (uint32_t i = 0; i < reply.label_count; i++) {
    const char* label = model_.image.label(i);
    if (length(label) + 1 > frame.room()) break;
    frame.add(label, length(label) + 1);
  }
  frame.end();
  return Status::kOk;
}

Status Server::classify(const Message& m) {
  if (!model_.ready()) return Status::kNoModel;
  if (!model_.is_classifier()) return Status::kWrongKind;
  if (occupied()) return Status::kBusy;
  const uint32_t start = port::ticks();
  uint32_t count = 0;
  Status status =
      model_.tokenizer().encode(reinterpret_cast<const char*>(m.payload), m.size, model_.ids, kMaxIds, &count);
  if (status != Status::kOk) return status;
  uint16_t scores[kMaxLabels];
  int16_t logits[kMaxLabels];
  status = linnet::classify(model_.session, model_.ids, count, scores, logits);
  if (status != Status::kOk) return status;
  const uint32_t labels = model_.header().label_count;
  uint16_t best = 0;
  for (uint16_t i = 1; i < labels; i++)
    if (logits[i] > logits[best]) best = i;
  const ClassifyReply reply = {best, static_cast<uint16_t>(count), port::ticks() - start};
  begin_other(reply.ticks, count);
  FrameWriter frame(ReplyType::kClassify, m.request);
  frame.add(&reply, sizeof(reply));
  frame.add(scores, labels * static_cast<uint32_t>(sizeof(scores[0])));
  frame.end();
  return Status::kOk;
}

Status Server::score(const Message& m) {
  ScoreRequest request;
  if (m.size < sizeof(request)) return Status::kBadMessage;
  std::memcpy(&request, m.payload, sizeof(request));
  if (request.count < 1 || request.count > kMaxScoreIds || request.reserved != 0 ||
      m.size != sizeof(request) + request.count * sizeof(uint16_t))
    return Status::kBadMessage;
  if (!model_.ready()) return Status::kNoModel;
  if (!model_.is_language_model()) return Status::kWrongKind;

  // A repeated chunk: being worked on, or answered already.
  const bool repeats = m.request == score_id_ || request.index != 0;
  if (scoring_.running() && m.request == score_id_ && scoring_.answer().index == request.index) return Status::kOk;
  if (repeats && scoring_.remembers(request.index)) {
    score_id_ = m.request;
    send_score();
    return Status::kOk;
  }
  if (occupied()) return Status::kBusy;
  uint16_t ids[kMaxScoreIds];
  std::memcpy(ids, m.payload + sizeof(request), request.count * sizeof(uint16_t));
  const Status status = scoring_.start(request.index, ids, request.count);
  if (status != Status::kOk) return status;
  score_id_ = m.request;
  generation_id_ = 0;
  generation_.forget_state();
  return Status::kOk;
}

void Server::send_score() { answer(ReplyType::kScore, score_id_, scoring_.answer()); }

Status Server::self_test(const Message& m) {
  if (m.size != 0) return Status::kBadMessage;
  if (!model_.ready()) return Status::kNoModel;
  if (occupied()) return Status::kBusy;
  SelfTestReply reply;
  const uint32_t start = port::ticks();
  const Status status = linnet::self_test(model_.session, reply.digest);
  reply.ticks = port::ticks() - start;
  begin_other(reply.ticks, 0);
  if (status != Status::kOk) return status;
  answer(ReplyType::kSelfTest, m.request, reply);
  return Status::kOk;
}

Status Server::stats(const Message& m) {
  if (m.size != 0) return Status::kBadMessage;
  answer(ReplyType::kStats, m.request,
         StatsReply{port::ticks(), generation_.total_tokens(), requests_, bad_frames, received_bytes,
                    port::lost_bytes(), last_ticks_, last_tokens_});
  return Status::kOk;
}

Status Server::ping(const Message& m) {
  FrameWriter frame(ReplyType::kPing, m.request);
  frame.add(m.payload, m.size);
  frame.end();
  return Status::kOk;
}

bool Server::take_greeting() {
  const bool greeted = greeted_;
  greeted_ = false;
  return greeted;
}

void Server::forget() {
  generation_id_ = 0;
  scoring_.forget_state();
}

// A request other than a generation has used the session.
void Server::begin_other(uint32_t ticks, uint32_t tokens) {
  forget();
  generation_.forget_state();
  last_ticks_ = ticks;
  last_tokens_ = tokens;
}

bool Server::step() {
  if (scoring_.running()) {
    if (scoring_.step()) {
      last_ticks_ = scoring_.ticks();
      last_tokens_ = scoring_.answer().count;
      send_score();
    }
    return true;
  }
  if (generation_id_ == 0) return false;
  if (cursor_ < made_ && cursor_ < granted_) {
    send_token(cursor_++);
    return true;
  }
  if (ended_) {
    if (done_sent_ || cursor_ < made_) return false;
    send_done();
    return true;
  }
  return advance();
}

}  // namespace linnet
