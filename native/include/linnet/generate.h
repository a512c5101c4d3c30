// Sampling and scoring from streamed logits (docs/numerics.md, 5 and 6). No buffer of vocabulary size.
#pragma once

#include "linnet/session.h"

namespace linnet {

// PCG32 (O'Neill 2014, XSH-RR 64/32), seeded as pcg32_srandom(seed, 54).
struct Pcg32 {
  uint64_t state = 0;
  void seed(uint32_t seed);
  uint32_t next();
};

struct GenerateOptions {
  uint32_t seed = 0;
  uint16_t temperature_q12 = 0;  // temperature · 4096; 0: greedy
  uint16_t top_k = 0;            // 0: all; else 1 … kMaxTopK
};

// Chooses one token after another.
class Sampler {
 public:
  Status start(const GenerateOptions& options, uint8_t logit_frac);
  // The next token from what was fed last.
  uint16_t choose(const Session& session);

 private:
  struct Candidate {
    int16_t logit;
    uint16_t id;
  };
  // A choice being made, on the stack: what is kept of the logits that came.
  struct Choice {
    Sampler* sampler;
    uint32_t kept;
    Candidate heap[kMaxTopK];  // min-heap: the weakest candidate first
    void keep(uint16_t id, int16_t logit);
  };
  static void consume(void* choice, uint32_t first, const int16_t* logits, uint32_t count);
  void consider_greedily(uint32_t first, const int16_t* logits, uint32_t count);
  void consider(uint16_t id, int16_t logit);

  Pcg32 random_;
  uint64_t inverse_temperature_ = 0;  // Q.16
  int64_t best_score_ = 0;
  uint32_t best_id_ = 0;
  uint16_t top_k_ = 0;
  uint8_t logit_frac_ = 0;
  bool greedy_ = true;
  bool any_ = false;
};

// -ln p of `target` (nats, Q.16) from what was fed last.
uint64_t negative_log_likelihood(const Session& session, uint16_t target);

}  // namespace linnet
