// The generation loop: prompt in, tokens out through a bounded queue. Knows nothing of JavaScript.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "linnet/generate.h"
#include "native/addon/memory.h"

namespace linnet::addon {

// How long a call may hold a thread of libuv's pool (file access and DNS use the same four) before it goes to the
// end of the queue again.
constexpr std::chrono::milliseconds kSlice{25};

class TokenStream {
 public:
  struct Request {
    std::string prompt;  // UTF-8
    GenerateOptions options;
    uint32_t max_tokens;
  };

  // Goes on from `session` if something was fed to it, else BOS goes first. `wake` is called, on the thread that
  // runs, when take() found nothing and now there is something.
  TokenStream(std::shared_ptr<const SharedImage> image, std::unique_ptr<OwnedSession> session, Request request,
              std::function<void()> wake);

  // Works until finished, the queue is full or kSlice is over; one thread at a time.
  void run();

  // From any thread: run() ends at the next token.
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }

  // From any thread: moves up to `capacity` tokens out of the queue.
  size_t take(uint16_t* ids, size_t capacity);
  bool empty() const;
  // Whether run() has something to do: there is room in the queue, or it is to end.
  bool can_run() const { return stopped() || !full(); }

  // Whether the first token continues a text, the prompt or an earlier generation; settled before that token.
  bool follows_text() const { return follows_text_; }

  // Between runs only.
  std::optional<Status> result() const { return result_; }
  std::unique_ptr<OwnedSession> release_session() { return std::move(session_); }

 private:
  using Clock = std::chrono::steady_clock;

  bool stopped() const {
    return cancelled_.load(std::memory_order_relaxed) || image_->closed.load(std::memory_order_relaxed);
  }
  bool full() const;
  Status read_prompt();
  Status feed_token(uint16_t id);
  std::optional<Status> step(Clock::time_point deadline);
  void push(uint16_t id, Clock::time_point now);

  const std::shared_ptr<const SharedImage> image_;
  std::unique_ptr<OwnedSession> session_;
  Request request_;
  const std::function<void()> wake_;

  bool started_ = false;
  bool follows_text_ = false;
  std::vector<uint16_t> prompt_;
  size_t fed_ = 0;  // of prompt_
  Sampler sampler_;
  uint32_t made_ = 0;
  std::optional<Status> result_;
  std::atomic<bool> cancelled_{false};

  mutable std::mutex mutex_;  // guards what follows
  std::vector<uint16_t> queue_;
  bool waiting_ = false;
  Clock::time_point last_wake_{};
};

}  // namespace linnet::addon
