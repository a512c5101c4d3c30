// Many sessions of one packed image on several threads: nothing they share is written. Run with
// -DLINNET_SANITIZE=thread this is the proof; without it, that no session sees another's text.
#include <thread>

#include "linnet/generate.h"
#include "native/host/batch_scorer.h"
#include "native/host/packed_image.h"
#include "native/test/test.h"

using namespace linnet;

namespace {

constexpr uint32_t kThreads = 4, kSessions = 32, kTokens = 24;

// What one session answers: tokens sampled with its own seed, then the score of them.
struct Answer {
  std::vector<uint16_t> ids;
  uint64_t nll = 0;
  bool operator==(const Answer& other) const { return ids == other.ids && nll == other.nll; }
};

Answer ask(const Image& image, uint32_t seed) {
  test::AlignedBytes state{std::vector<uint8_t>(image.header->state_bytes)};
  test::AlignedBytes scratch{std::vector<uint8_t>(image.header->scratch_bytes)};
  Session session = {&image, state.data(), scratch.data()};
  reset(session);
  feed(session, 1);
  Sampler sampler;
  sampler.start({seed, seed % 3 == 0 ? uint16_t{0} : uint16_t{4096}, 0}, image.header->logit_frac);
  Answer answer;
  for (uint32_t i = 0; i < kTokens; i++) {
    answer.ids.push_back(sampler.choose(session));
    feed(session, answer.ids.back());
  }
  reset(session);
  feed(session, 1);
  BatchScorer(image).score(session, answer.ids.data(), kTokens, &answer.nll);
  return answer;
}

}  // namespace

TEST("sessions: any number of them share a packed image, on any threads, each with the answers it gives alone") {
  test::AlignedBytes bytes(test::read_file("test/conformance/lm-untied.linnet"));
  Image image;
  CHECK(open_image(bytes.data(), bytes.size(), &image) == Status::kOk);
  PackedImage packed;
  packed.pack(&image);

  std::vector<Answer> answers(kSessions);
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < kThreads; t++)
    threads.emplace_back([&, t] {
      for (uint32_t i = t; i < kSessions; i += kThreads) answers[i] = ask(image, i);
    });
  for (auto& thread : threads) thread.join();

  for (uint32_t i = 0; i < kSessions; i++) CHECK(answers[i] == ask(image, i));
  CHECK(!(answers[1] == answers[2]));
}
