// docs/numerics.md, 6: greedy and Gumbel-max sampling from streamed logits.
#include "linnet/generate.h"
#include "linnet/kernels.h"
#include "native/engine/fixed_point.h"

namespace linnet {
namespace {

constexpr uint64_t kPcgMultiplier = 6364136223846793005u;
constexpr uint64_t kPcgIncrement = (54u << 1) | 1;

}  // namespace

void Pcg32::seed(uint32_t value) {
  state = 0;
  next();
  state += value;
  next();
}

uint32_t Pcg32::next() {
  const uint64_t old = state;
  state = old * kPcgMultiplier + kPcgIncrement;
  const auto shifted = static_cast<uint32_t>(((old >> 18) ^ old) >> 27);
  const auto turn = static_cast<uint32_t>(old >> 59);
  return (shifted >> turn) | (shifted << ((32 - turn) & 31));
}

Status Sampler::start(const GenerateOptions& options, uint8_t logit_frac) {
  if (options.top_k > kMaxTopK) return Status::kBadParameter;
  random_.seed(options.seed);
  greedy_ = options.temperature_q12 == 0;
  if (!greedy_) {
    const uint32_t t = options.temperature_q12;
    inverse_temperature_ = ((1u << 28) + t / 2) / t;
  }
  top_k_ = greedy_ ? 0 : options.top_k;
  logit_frac_ = logit_frac;
  return Status::kOk;
}

uint16_t Sampler::choose(const Session& session) {
  any_ = false;
  Choice choice;
  choice.sampler = this;
  choice.kept = 0;
  stream_logits(session, consume, &choice);
  if (top_k_ != 0) {
    // Ascending ids: the order in which candidates draw their noise. k is small: insertion sort.
    for (uint32_t i = 1; i < choice.kept; i++) {
      const Candidate c = choice.heap[i];
      uint32_t j = i;
      for (; j > 0 && choice.heap[j - 1].id > c.id; j--) choice.heap[j] = choice.heap[j - 1];
      choice.heap[j] = c;
    }
    for (uint32_t i = 0; i < choice.kept; i++) consider(choice.heap[i].id, choice.heap[i].logit);
  }
  return static_cast<uint16_t>(best_id_);
}

void Sampler::consume(void* to, uint32_t first, const int16_t* logits, uint32_t count) {
  auto& choice = *static_cast<Choice*>(to);
  Sampler& sampler = *choice.sampler;
  if (sampler.greedy_) return sampler.consider_greedily(first, logits, count);
  for (uint32_t i = 0; i < count; i++) {
    if (sampler.top_k_ != 0) {
      if (choice.kept == sampler.top_k_) i += kernels().first_above(logits + i, count - i, choice.heap[0].logit);
      if (i < count) choice.keep(static_cast<uint16_t>(first + i), logits[i]);
    } else {
      sampler.consider(static_cast<uint16_t>(first + i), logits[i]);
    }
  }
}

void Sampler::consider_greedily(uint32_t first, const int16_t* logits, uint32_t count) {
  const Kernels& k = kernels();
  int32_t best = any_ ? static_cast<int32_t>(best_score_) : INT32_MIN;
  for (uint32_t i = 0; (i += k.first_above(logits + i, count - i, best)) < count;) {
    best = logits[i];
    best_id_ = first + i;
  }
  any_ = true;
  best_score_ = best;
}

void Sampler::consider(uint16_t id, int16_t logit) {
  int64_t score = (static_cast<int64_t>(logit) * static_cast<int64_t>(inverse_temperature_)) >> logit_frac_;
  const uint32_t word = random_.next();
  if (any_ && score + gumbel_at_most(word) <= best_score_) return;  // most: saves two logarithms
  score += gumbel(word);
  if (any_ && score <= best_score_) return;
  any_ = true;
  best_score_ = score;
  best_id_ = id;
}

// Keeps the top_k candidates seen in a min-heap; ids arrive in ascending order, so of equal logits the kept ones win.
// Once it is full, only a logit above its weakest may come.
void Sampler::Choice::keep(uint16_t id, int16_t logit) {
  const auto weaker = [](const Candidate& a, const Candidate& b) {
    return a.logit < b.logit || (a.logit == b.logit && a.id > b.id);
  };
  const Candidate c = {logit, id};
  if (kept < sampler->top_k_) {
    uint32_t i = kept++;
    for (; i > 0 && weaker(c, heap[(i - 1) / 2]); i = (i - 1) / 2) heap[i] = heap[(i - 1) / 2];
    heap[i] = c;
    return;
  }
  uint32_t i = 0;
  for (;;) {
    uint32_t child = 2 * i + 1;
    if (child >= kept) break;
    if (child + 1 < kept && weaker(heap[child + 1], heap[child])) child++;
    if (!weaker(heap[child], c)) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = c;
}

}  // namespace linnet
