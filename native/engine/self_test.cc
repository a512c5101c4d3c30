// docs/numerics.md, 7: one digest over everything an engine computes.
#include "linnet/digest.h"
#include "linnet/generate.h"

namespace linnet {
namespace {

constexpr uint32_t kGreedyTokens = 32, kSampledTokens = 32;
constexpr uint32_t kLongestTest = 64;
static_assert(kLongestTest >= kMaxWidth, "min_tokens may be as large as the widest filter");

template <typename T>
void put(Sha256& hash, T value) {  // little-endian, whatever the target
  for (unsigned i = 0; i < sizeof(T); i++) {
    const auto byte = static_cast<uint8_t>(static_cast<uint64_t>(value) >> (8 * i));
    hash.update(&byte, 1);
  }
}

// Not inlined: its sampler and tokens would lie on the stack while the other one runs.
[[gnu::noinline]] Status test_language_model(Session& session, Sha256& hash) {
  const Header& header = *session.image->header;
  const uint16_t bos = header.bos_id == kNoId ? 0 : header.bos_id;
  uint16_t chosen[kGreedyTokens + kSampledTokens];
  GenerateOptions options;
  Sampler sampler;
  reset(session);
  feed(session, bos);
  sampler.start(options, header.logit_frac);
  for (uint32_t i = 0; i < kGreedyTokens + kSampledTokens; i++) {
    if (i == kGreedyTokens) {
      options.seed = 1;
      options.temperature_q12 = 3277;
      options.top_k = static_cast<uint16_t>(header.vocab_size < 40 ? header.vocab_size : 40);
      sampler.start(options, header.logit_frac);
    }
    chosen[i] = sampler.choose(session);
    put(hash, chosen[i]);
    feed(session, chosen[i]);
  }
  reset(session);
  feed(session, bos);
  uint64_t nll = 0;
  for (const uint16_t id : chosen) {
    nll += negative_log_likelihood(session, id);
    feed(session, id);
  }
  put(hash, nll);
  return Status::kOk;
}

Status test_classifier(Session& session, Sha256& hash) {
  const Header& header = *session.image->header;
  Pcg32 random;
  random.seed(1);
  const uint32_t lengths[] = {header.min_tokens, 7, 20, kLongestTest};
  for (uint32_t n : lengths) {
    if (n < header.min_tokens) n = header.min_tokens;
    if (n > header.max_tokens) n = header.max_tokens;
    uint16_t ids[kLongestTest], scores[kMaxLabels];
    int16_t logits[kMaxLabels];
    for (uint32_t i = 0; i < n; i++) ids[i] = static_cast<uint16_t>(random.next() % header.vocab_size);
    const Status status = classify(session, ids, n, scores, logits);
    if (status != Status::kOk) return status;
    for (uint32_t j = 0; j < header.label_count; j++) put(hash, logits[j]);
    for (uint32_t j = 0; j < header.label_count; j++) put(hash, scores[j]);
  }
  return Status::kOk;
}

}  // namespace

Status self_test(Session& session, uint8_t digest[32]) {
  Sha256 hash;
  hash.start();
  const Status status =
      session.image->is_language_model() ? test_language_model(session, hash) : test_classifier(session, hash);
  hash.finish(digest);
  return status;
}

}  // namespace linnet
