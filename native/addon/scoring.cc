#include "native/addon/scoring.h"

#include <algorithm>
#include <chrono>
#include <new>

#include "linnet/generate.h"
#include "linnet/tokenizer.h"
#include "native/addon/errors.h"
#include "native/addon/model.h"
#include "native/addon/token_stream.h"

namespace linnet::addon {

class Scoring::Slice final : public Napi::AsyncWorker {
 public:
  Slice(Napi::Env env, std::shared_ptr<Work> work)
      : Napi::AsyncWorker(env, "linnet.score"), work_(std::move(work)), deferred_(Napi::Promise::Deferred::New(env)) {}

  Napi::Promise start() {
    Queue();
    return deferred_.Promise();
  }

 private:
  void Execute() override { work_->run(); }

  void OnOK() override {
    const Napi::Env env = Env();
    if (work_->status != Status::kOk) return deferred_.Reject(status_error(env, work_->status).Value());
    Napi::Object progress = Napi::Object::New(env);
    progress.Set("done", static_cast<double>(work_->at));
    progress.Set("total", static_cast<double>(work_->ids.size()));
    progress.Set("nllQ16", static_cast<double>(work_->nll_q16));
    deferred_.Resolve(progress);
  }

  const std::shared_ptr<Work> work_;
  const Napi::Promise::Deferred deferred_;
};

Napi::Function Scoring::define(Napi::Env env) {
  return DefineClass(env, "Scoring",
                     {InstanceMethod<&Scoring::run>("run"), InstanceMethod<&Scoring::cancel>("cancel")});
}

Scoring::Scoring(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Scoring>(info) {
  const Napi::Env env = info.Env();
  const auto image = Model::from(info[0])->image(env);
  if (!image->image().is_language_model()) throw status_error(env, Status::kWrongKind);
  work_ = std::make_shared<Work>();
  work_->image = image;
  work_->session = OwnedSession::create(image);
  if (!work_->session) throw status_error(env, Status::kOutOfMemory);
  work_->text = info[1].As<Napi::String>();
}

Scoring::~Scoring() {
  if (work_) work_->cancelled = true;
}

// run(): promise of { done, total, nllQ16 } after a slice of work; all is done when done equals total
Napi::Value Scoring::run(const Napi::CallbackInfo& info) { return (new Slice(info.Env(), work_))->start(); }

void Scoring::cancel(const Napi::CallbackInfo&) { work_->cancelled = true; }

void Scoring::Work::run() {
  try {
    status = step();
  } catch (const std::bad_alloc&) {
    status = Status::kOutOfMemory;
  }
}

Status Scoring::Work::prepare() {
  const Tokenizer tokenizer(image->image());
  const auto bytes = static_cast<uint32_t>(text.size());
  ids.resize(tokenizer.max_ids(bytes));
  uint32_t count = 0;
  Status result = tokenizer.encode(text.data(), bytes, ids.data(), static_cast<uint32_t>(ids.size()), &count);
  if (result != Status::kOk) return result;
  ids.resize(count);
  if (ids.empty()) return Status::kInputEmpty;
  scorer = std::make_unique<BatchScorer>(image->image());
  const uint16_t bos = image->header().bos_id;
  return feed(session->session(), bos == kNoId ? 0 : bos);
}

Status Scoring::Work::step() {
  const auto deadline = std::chrono::steady_clock::now() + kSlice;
  if (!started) {
    started = true;
    const Status result = prepare();
    if (result != Status::kOk) return result;
  }
  while (at < ids.size()) {
    if (cancelled || image->closed) return Status::kCancelled;
    const auto count = static_cast<uint32_t>(std::min<size_t>(ids.size() - at, BatchScorer::kMost));
    const Status result = scorer->score(session->session(), &ids[at], count, &nll_q16);
    if (result != Status::kOk) return result;
    at += count;
    if (std::chrono::steady_clock::now() >= deadline) break;
  }
  return Status::kOk;
}

}  // namespace linnet::addon
