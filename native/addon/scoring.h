// class Scoring: the negative log-likelihood of a text, a slice at a time.
#pragma once

#include <napi.h>

#include <atomic>
#include <string>
#include <vector>

#include "native/addon/memory.h"
#include "native/host/batch_scorer.h"

namespace linnet::addon {

class Scoring : public Napi::ObjectWrap<Scoring> {
 public:
  static Napi::Function define(Napi::Env env);

  // new Scoring(model, text)
  explicit Scoring(const Napi::CallbackInfo& info);
  ~Scoring() override;

 private:
  class Slice;

  // The state of the work, shared with the pool thread.
  struct Work {
    void run();
    Status step();
    Status prepare();

    std::shared_ptr<const SharedImage> image;
    std::unique_ptr<OwnedSession> session;
    std::unique_ptr<BatchScorer> scorer;
    std::string text;
    bool started = false;
    std::vector<uint16_t> ids;
    size_t at = 0;  // ids scored
    uint64_t nll_q16 = 0;
    Status status = Status::kOk;
    std::atomic<bool> cancelled{false};
  };

  Napi::Value run(const Napi::CallbackInfo& info);
  void cancel(const Napi::CallbackInfo& info);

  std::shared_ptr<Work> work_;
};

}  // namespace linnet::addon
