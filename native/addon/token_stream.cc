#include "native/addon/token_stream.h"

#include <algorithm>
#include <new>

#include "linnet/tokenizer.h"

namespace linnet::addon {
namespace {

// Tokens made ahead of the reader.
constexpr size_t kQueue = 256;
// A wake-up costs more than a small model's token: one a millisecond is plenty for the eye.
constexpr std::chrono::milliseconds kWakeInterval{1};

}  // namespace

TokenStream::TokenStream(std::shared_ptr<const SharedImage> image, std::unique_ptr<OwnedSession> session,
                         Request request, std::function<void()> wake)
    : image_(std::move(image)), session_(std::move(session)), request_(std::move(request)), wake_(std::move(wake)) {}

void TokenStream::run() {
  if (result_) return;
  try {
    result_ = step(Clock::now() + kSlice);
  } catch (const std::bad_alloc&) {
    result_ = Status::kOutOfMemory;
  }
}

Status TokenStream::read_prompt() {
  const Header& header = image_->header();
  const std::string& text = request_.prompt;
  const Tokenizer tokenizer(image_->image());
  const auto bytes = static_cast<uint32_t>(text.size());
  prompt_.resize(size_t{tokenizer.max_ids(bytes)} + 1);  // and one before them
  uint32_t count = 0;
  const bool continues = session_->fed;
  const uint16_t before = continues ? session_->unfed : header.bos_id;
  if (before != kNoId) prompt_[count++] = before;
  session_->unfed = kNoId;
  uint32_t encoded = 0;
  const Status status = tokenizer.encode(text.data(), bytes, prompt_.data() + count,
                                         static_cast<uint32_t>(prompt_.size() - count), &encoded);
  if (status != Status::kOk) return status;
  prompt_.resize(count + encoded);
  if (prompt_.empty() && !continues) return Status::kInputEmpty;
  follows_text_ = continues || encoded > 0;
  return sampler_.start(request_.options, header.logit_frac);
}

// The result, or nothing if there is more to do.
std::optional<Status> TokenStream::step(Clock::time_point deadline) {
  if (stopped()) return Status::kCancelled;
  if (!started_) {
    started_ = true;
    const Status status = read_prompt();
    if (status != Status::kOk) return status;
  }
  while (fed_ < prompt_.size()) {
    if (stopped()) return Status::kCancelled;
    const Status status = feed_token(prompt_[fed_++]);
    if (status != Status::kOk) return status;
    if (Clock::now() >= deadline) return std::nullopt;
  }
  const uint16_t eos = image_->header().eos_id;
  while (made_ < request_.max_tokens) {
    if (stopped()) return Status::kCancelled;
    if (full()) return std::nullopt;
    if (session_->unfed != kNoId) {
      const Status status = feed_token(session_->unfed);
      if (status != Status::kOk) return status;
    }
    const uint16_t id = sampler_.choose(session_->session());
    if (eos != kNoId && id == eos) break;
    const Clock::time_point now = Clock::now();
    session_->unfed = id;
    made_++;
    push(id, now);
    if (now >= deadline) return std::nullopt;
  }
  return Status::kOk;
}

Status TokenStream::feed_token(uint16_t id) {
  session_->fed = true;
  session_->unfed = kNoId;
  return feed(session_->session(), id);
}

void TokenStream::push(uint16_t id, Clock::time_point now) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    queue_.push_back(id);
    if (!waiting_ || now - last_wake_ < kWakeInterval) return;
    waiting_ = false;
    last_wake_ = now;
  }
  wake_();
}

size_t TokenStream::take(uint16_t* ids, size_t capacity) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const size_t count = std::min(capacity, queue_.size());
  std::copy_n(queue_.begin(), count, ids);
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
  waiting_ = count == 0;
  return count;
}

bool TokenStream::full() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return queue_.size() >= kQueue;
}

bool TokenStream::empty() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return queue_.empty();
}

}  // namespace linnet::addon
