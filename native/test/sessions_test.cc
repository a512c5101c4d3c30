// Many sessions of shared images on threads that know nothing of each other: nothing they share is written. Under the
// thread sanitizer (linnet_thread_tests) this is the proof; without it, that no session sees another's text.
#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

#include "linnet/digest.h"
#include "linnet/generate.h"
#include "native/addon/classify.h"
#include "native/host/batch_scorer.h"
#include "native/test/shared_image.h"
#include "native/test/test.h"

using namespace linnet;
using addon::OwnedSession;
using addon::SharedImage;
using test::open_shared;

namespace {

constexpr uint32_t kThreads = 4, kSessions = 128, kTokens = 24;

struct Models {
  std::shared_ptr<const SharedImage> language = open_shared("lm-untied"), classifier = open_shared("cnn");
};

// What one session answers: tokens sampled with its own seed, the score of them, a text's label and scores.
struct Answer {
  std::vector<uint16_t> ids, scores;
  uint16_t label = 0;
  uint64_t nll = 0;
  bool operator==(const Answer& o) const {
    return ids == o.ids && nll == o.nll && label == o.label && scores == o.scores;
  }
};

Answer ask(const Models& models, uint32_t seed) {
  Answer answer;
  const Image& image = models.language->image();
  const auto owned = OwnedSession::create(models.language);
  Session& session = owned->session();
  feed(session, 1);
  Sampler sampler;
  sampler.start({seed, seed % 3 == 0 ? uint16_t{0} : uint16_t{4096}, 0}, image.header->logit_frac);
  for (uint32_t i = 0; i < kTokens; i++) {
    answer.ids.push_back(sampler.choose(session));
    feed(session, answer.ids.back());
  }
  reset(session);
  feed(session, 1);
  BatchScorer(image).score(session, answer.ids.data(), kTokens, &answer.nll);

  const auto classifier = OwnedSession::create(models.classifier);
  answer.scores.resize(models.classifier->header().label_count);
  CHECK(addon::classify_text(*classifier, "sentence number " + std::to_string(seed), &answer.label,
                             answer.scores.data()) == Status::kOk);
  return answer;
}

// Calls work(0) … work(kThreads - 1), a thread each, none before all are there.
template <typename Work>
void on_threads(const Work& work) {
  std::atomic<uint32_t> there{0};
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < kThreads; t++)
    threads.emplace_back([&, t] {
      there++;
      while (there < kThreads) std::this_thread::yield();
      work(t);
    });
  for (auto& thread : threads) thread.join();
}

}  // namespace

TEST("sessions: any number of them share packed images, on any threads, each with the answers it gives alone") {
  const Models models;
  std::vector<Answer> answers(kSessions);
  on_threads([&](uint32_t t) {
    for (uint32_t i = t; i < kSessions; i += kThreads) answers[i] = ask(models, i);
  });
  for (uint32_t i = 0; i < kSessions; i++) CHECK(answers[i] == ask(models, i));
  CHECK(!(answers[1] == answers[2]));
}

// As Node's workers do, which load the addon each.
TEST("sessions: threads may choose kernels, open and pack images and test themselves at the same time") {
  constexpr uint32_t kDigest = 32;
  std::vector<uint8_t> digests(kThreads * kDigest);
  on_threads([&](uint32_t t) {
    for (int i = 0; i < 3; i++) {
      select_kernels("auto");
      const auto session = OwnedSession::create(open_shared("lm-untied"));
      CHECK(self_test(session->session(), &digests[t * kDigest]) == Status::kOk);
    }
  });

  std::vector<uint8_t> alone(kDigest);
  const auto session = OwnedSession::create(open_shared("lm-untied"));
  CHECK(self_test(session->session(), alone.data()) == Status::kOk);
  for (uint32_t t = 0; t < kThreads; t++) CHECK(std::equal(alone.begin(), alone.end(), digests.begin() + t * kDigest));
}
