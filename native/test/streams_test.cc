// Generations of the addon, without JavaScript: on a pool of threads, read and left from another thread while they run.
// Under the thread sanitizer (linnet_thread_tests) the proof that the two share nothing wrongly.
#include <memory>
#include <optional>

#include "native/addon/token_stream.h"
#include "native/test/shared_image.h"
#include "native/test/small_loop.h"
#include "native/test/test.h"

using namespace linnet;
using addon::OwnedSession;
using addon::SharedImage;
using addon::TokenStream;
using test::open_shared;
using test::SmallLoop;

namespace {

constexpr unsigned kThreads = 2;
const char kModel[] = "lm-tied";     // without an end token
constexpr uint32_t kMany = 1000000;  // tokens; more than a test waits for

using Ids = std::vector<uint16_t>;

TokenStream::Request request(uint32_t seed, uint32_t tokens) {
  GenerateOptions options;
  options.seed = seed;
  options.temperature_q12 = 4096;
  options.top_k = static_cast<uint16_t>(seed % 3 * 20);
  return {"It was " + std::to_string(seed), options, tokens};
}

// A generation and its reader, as native/addon/generation.cc and the loop over it in JavaScript are. All but run() is
// on the thread of the loop.
class Reader {
 public:
  Reader(SmallLoop& loop, const std::shared_ptr<SharedImage>& image, const TokenStream::Request& request)
      : loop_(loop), stream_(std::make_shared<TokenStream>(image, OwnedSession::create(image), request, [this] {
          loop_.post([this] { read(); });
        })) {
    schedule();
  }

  Ids ids;
  std::function<void(Reader&)> on_read;  // whenever some were read
  bool follows_text = false;
  std::optional<Status> result() const { return stream_->result(); }
  void cancel() { stream_->cancel(); }

 private:
  void schedule() {
    scheduled_ = true;
    loop_.queue([stream = stream_] { stream->run(); },
                [this] {
                  scheduled_ = false;
                  read();
                });
  }
  void read() {
    uint16_t some[16];
    size_t count;
    while ((count = stream_->take(some, 16)) > 0) {
      ids.insert(ids.end(), some, some + count);
      follows_text = stream_->follows_text();
      if (on_read) on_read(*this);
    }
    if (!scheduled_ && !stream_->result()) schedule();
  }

  SmallLoop& loop_;
  std::shared_ptr<TokenStream> stream_;
  bool scheduled_ = false;
};

// What it makes on one thread.
Ids alone(const std::shared_ptr<SharedImage>& image, const TokenStream::Request& request) {
  TokenStream stream(image, OwnedSession::create(image), request, [] {});
  Ids ids(request.max_tokens);
  size_t count = 0;
  while (!stream.result()) {
    stream.run();
    count += stream.take(ids.data() + count, ids.size() - count);
  }
  CHECK(*stream.result() == Status::kOk);
  ids.resize(count);
  return ids;
}

}  // namespace

TEST("streams: any number of generations on a pool, read while they run, give what each gives alone") {
  constexpr uint32_t kEach = 12, kTokens = 300;
  const auto image = open_shared(kModel);
  SmallLoop loop(kThreads);
  std::vector<std::unique_ptr<Reader>> readers;
  for (uint32_t i = 0; i < kEach; i++) readers.push_back(std::make_unique<Reader>(loop, image, request(i, kTokens)));
  loop.run();
  for (uint32_t i = 0; i < kEach; i++) {
    CHECK(readers[i]->result() == Status::kOk);
    CHECK(readers[i]->follows_text);
    CHECK_EQ(readers[i]->ids.size(), kTokens);
    CHECK(readers[i]->ids == alone(image, request(i, kTokens)));
  }
  CHECK(readers[1]->ids != readers[2]->ids);
}

TEST("streams: a generation that is left while it runs ends, with the beginning of what it would have made") {
  constexpr uint32_t kEach = 12, kTokens = 100;
  const auto lm = open_shared(kModel);
  SmallLoop loop(kThreads);
  std::vector<std::unique_ptr<Reader>> readers;
  for (uint32_t i = 0; i < kEach; i++) {
    readers.push_back(std::make_unique<Reader>(loop, lm, request(i, kMany)));
    readers[i]->on_read = [](Reader& reader) {
      if (reader.ids.size() >= kTokens) reader.cancel();
    };
  }
  loop.run();
  for (uint32_t i = 0; i < kEach; i++) {
    CHECK(readers[i]->result() == Status::kCancelled);
    CHECK(readers[i]->ids.size() < kMany);
    readers[i]->ids.resize(kTokens);
    CHECK(readers[i]->ids == alone(lm, request(i, kTokens)));
  }
}

TEST("streams: closing a model ends everything that runs on it, and nothing of another") {
  constexpr uint32_t kEach = 6, kTokens = 300;
  const auto closed = open_shared(kModel), other = open_shared(kModel);
  SmallLoop loop(kThreads);
  std::vector<std::unique_ptr<Reader>> ended, whole;
  for (uint32_t i = 0; i < kEach; i++) {
    ended.push_back(std::make_unique<Reader>(loop, closed, request(i, kMany)));
    whole.push_back(std::make_unique<Reader>(loop, other, request(i, kTokens)));
  }
  ended[0]->on_read = [&](Reader& reader) {
    if (reader.ids.size() >= kTokens) closed->closed = true;
  };
  loop.run();
  for (uint32_t i = 0; i < kEach; i++) {
    CHECK(ended[i]->result() == Status::kCancelled);
    CHECK(whole[i]->result() == Status::kOk);
    CHECK(whole[i]->ids == alone(other, request(i, kTokens)));
  }
}
