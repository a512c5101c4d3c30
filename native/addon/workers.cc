#include "native/addon/workers.h"

#include <algorithm>

#include "linnet/digest.h"
#include "native/addon/classify.h"
#include "native/addon/errors.h"

namespace linnet::addon {
namespace {

// A worker that settles a promise: work() on the pool, then value() or error() on the JavaScript thread.
class PromiseWorker : public Napi::AsyncWorker {
 public:
  PromiseWorker(Napi::Env env, std::shared_ptr<const SharedImage> image)
      : Napi::AsyncWorker(env, "linnet"), image_(std::move(image)), deferred_(Napi::Promise::Deferred::New(env)) {}

  Napi::Promise start() {
    Queue();
    return deferred_.Promise();
  }

 protected:
  virtual Status work() = 0;
  virtual Napi::Value value() = 0;
  virtual Napi::Error error() { return status_error(Env(), status_); }

  void Execute() override { status_ = work(); }
  void OnOK() override {
    if (status_ == Status::kOk)
      deferred_.Resolve(value());
    else
      deferred_.Reject(error().Value());
  }
  void OnError(const Napi::Error&) override {  // std::bad_alloc: the work throws nothing else
    status_ = Status::kOutOfMemory;
    deferred_.Reject(error().Value());
  }

  const std::shared_ptr<const SharedImage> image_;
  Status status_ = Status::kOk;

 private:
  const Napi::Promise::Deferred deferred_;
};

class SelfTestWorker final : public PromiseWorker {
 public:
  using PromiseWorker::PromiseWorker;

 private:
  Status work() override {
    const auto session = OwnedSession::create(image_);
    return session ? self_test(session->session(), digest_) : Status::kOutOfMemory;
  }
  Napi::Value value() override { return Napi::Buffer<uint8_t>::Copy(Env(), digest_, sizeof digest_); }

  uint8_t digest_[32] = {};
};

class ClassifyWorker final : public PromiseWorker {
 public:
  ClassifyWorker(Napi::Env env, std::shared_ptr<const SharedImage> image, std::vector<std::string> texts)
      : PromiseWorker(env, std::move(image)), texts_(std::move(texts)) {}

 private:
  Status work() override {
    const size_t label_count = image_->header().label_count;
    labels_.resize(texts_.size());
    scores_.resize(texts_.size() * label_count);
    const auto session = OwnedSession::create(image_);
    if (!session) return Status::kOutOfMemory;
    for (at_ = 0; at_ < texts_.size(); at_++) {
      if (image_->closed) return Status::kCancelled;
      const Status status = classify_text(*session, texts_[at_], &labels_[at_], scores_.data() + at_ * label_count);
      if (status != Status::kOk) return status;
    }
    return Status::kOk;
  }

  Napi::Value value() override {
    Napi::Object result = Napi::Object::New(Env());
    result.Set("labels", array(labels_));
    result.Set("scores", array(scores_));
    return result;
  }

  Napi::Error error() override {
    Napi::Error error = PromiseWorker::error();
    error.Set("index", Napi::Number::New(Env(), static_cast<double>(at_)));
    return error;
  }

  Napi::Value array(const std::vector<uint16_t>& values) {
    Napi::Uint16Array result = Napi::Uint16Array::New(Env(), values.size());
    std::copy(values.begin(), values.end(), result.Data());
    return result;
  }

  const std::vector<std::string> texts_;
  std::vector<uint16_t> labels_, scores_;
  size_t at_ = 0;
};

}  // namespace

Napi::Promise start_self_test(Napi::Env env, std::shared_ptr<const SharedImage> image) {
  return (new SelfTestWorker(env, std::move(image)))->start();  // deletes itself when done
}

Napi::Promise start_classify_batch(Napi::Env env, std::shared_ptr<const SharedImage> image,
                                   std::vector<std::string> texts) {
  return (new ClassifyWorker(env, std::move(image), std::move(texts)))->start();
}

}  // namespace linnet::addon
