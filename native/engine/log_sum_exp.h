// Log-sum-exp in one pass over streamed logits: docs/numerics.md, 5.
#pragma once

#include "linnet/kernels.h"
#include "native/engine/fixed_point.h"

namespace linnet {

class LogSumExp {
 public:
  // `target`: the id whose negative log-likelihood is wanted.
  LogSumExp(uint16_t target, uint8_t logit_frac) : target_(target), frac_(logit_frac), up_(10u - logit_frac) {}

  // Logits of ids [first, first + count), in ascending order of ids from 0 on.
  void add(uint32_t first, const int16_t* logits, uint32_t count);
  // -ln p of the target (nats, Q.16), after all logits.
  uint64_t negative_log_likelihood() const;

 private:
  void add_larger(int32_t logit);

  uint16_t target_;
  uint8_t frac_;
  unsigned up_;
  int32_t largest_ = INT32_MIN;  // m
  uint64_t sum_ = 0;             // s, Q.31, relative to exp(m)
  int32_t wanted_ = 0;           // the target's logit
};

}  // namespace linnet
