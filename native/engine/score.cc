// docs/numerics.md, 5: log-sum-exp in one pass over streamed logits.
#include "linnet/generate.h"
#include "native/engine/fixed_point.h"

namespace linnet {
namespace {

struct LogSumExp {
  uint16_t target;
  unsigned up;          // 10 - logit_frac
  int32_t largest = 0;  // m
  uint64_t sum = 0;     // s, Q.31, relative to exp(m)
  int32_t wanted = 0;   // the target's logit

  void add(uint32_t id, int32_t logit) {
    if (id == target) wanted = logit;
    if (id == 0) {
      largest = logit;
      sum = uint64_t{1} << 31;
    } else if (logit <= largest) {
      sum += exp_neg(static_cast<uint32_t>(largest - logit) << up);
    } else {
      const uint64_t e = exp_neg(static_cast<uint32_t>(logit - largest) << up);
      sum = (sum >> 31) * e + (((sum & 0x7fffffff) * e) >> 31) + (uint64_t{1} << 31);
      largest = logit;
    }
  }

  static void consume(void* self, uint32_t first, const int16_t* logits, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) static_cast<LogSumExp*>(self)->add(first + i, logits[i]);
  }
};

}  // namespace

uint64_t negative_log_likelihood(const Session& session, uint16_t target) {
  const uint8_t frac = session.image->header->logit_frac;
  LogSumExp total{target, 10u - frac};
  stream_logits(session, LogSumExp::consume, &total);
  const int64_t log_sum = round_shift(ln_q24(total.sum) - 31 * kLn2Q24, 8);
  const int64_t gap = static_cast<int64_t>(total.largest - total.wanted) << (16 - frac);
  const int64_t nll = log_sum + gap;
  return nll < 0 ? 0 : static_cast<uint64_t>(nll);
}

}  // namespace linnet
