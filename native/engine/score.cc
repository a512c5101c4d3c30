// docs/numerics.md, 5.
#include "linnet/generate.h"
#include "native/engine/log_sum_exp.h"

namespace linnet {

// Terms that are not the largest so far may be added in any order, for their sum is exact. A new largest one rescales
// the sum, with rounding, so that has to happen where it stands; there are few of them.
void LogSumExp::add(uint32_t first, const int16_t* logits, uint32_t count) {
  if (target_ >= first && target_ - first < count) wanted_ = logits[target_ - first];
  for (uint32_t i = 0; i < count;) {
    uint32_t end = i + kernels().first_above(logits + i, count - i, largest_);
    sum_ += kernels().sum_exp(logits + i, end - i, largest_, up_);
    if (end < count) add_larger(logits[end++]);
    i = end;
  }
}

void LogSumExp::add_larger(int32_t logit) {
  constexpr uint64_t kOne = uint64_t{1} << 31;
  if (sum_ != 0) {
    const uint64_t e = exp_neg(static_cast<uint32_t>(logit - largest_) << up_);
    sum_ = (sum_ >> 31) * e + (((sum_ & (kOne - 1)) * e) >> 31);
  }
  sum_ += kOne;
  largest_ = logit;
}

uint64_t LogSumExp::negative_log_likelihood() const {
  const int64_t log_sum = round_shift(ln_q24(sum_) - 31 * kLn2Q24, 8);
  const int64_t gap = static_cast<int64_t>(largest_ - wanted_) << (16 - frac_);
  const int64_t nll = log_sum + gap;
  return nll < 0 ? 0 : static_cast<uint64_t>(nll);
}

uint64_t negative_log_likelihood(const Session& session, uint16_t target) {
  LogSumExp total(target, session.image->header->logit_frac);
  const auto consume = [](void* self, uint32_t first, const int16_t* logits, uint32_t count) {
    static_cast<LogSumExp*>(self)->add(first, logits, count);
  };
  stream_logits(session, consume, &total);
  return total.negative_log_likelihood();
}

}  // namespace linnet
