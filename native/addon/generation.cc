#include "native/addon/generation.h"

#include "native/addon/addon_data.h"
#include "native/addon/errors.h"

namespace linnet::addon {

// How a pool thread reaches the object, which may be gone by the time the call arrives.
struct Generation::Link final : Wakeable {
  explicit Link(Generation* generation) : owner(generation) {}
  void woken(Napi::Env) override {
    if (owner && owner->awaited_) owner->notify();
  }
  Generation* owner;  // JavaScript thread only
};

class Generation::Slice final : public Napi::AsyncWorker {
 public:
  explicit Slice(Generation* owner)
      : Napi::AsyncWorker(owner->Env(), "linnet.generate"), owner_(owner), stream_(owner->stream_) {}

 private:
  void Execute() override { stream_->run(); }
  void OnOK() override { owner_->settle(); }

  Generation* const owner_;  // holds itself until settle()
  const std::shared_ptr<TokenStream> stream_;
};

Napi::Function Generation::define(Napi::Env env) {
  return DefineClass(
      env, "Generation",
      {InstanceMethod<&Generation::take>("take"), InstanceMethod<&Generation::cancel>("cancel"),
       InstanceAccessor<&Generation::follows_text>("followsText"), InstanceAccessor<&Generation::result>("result")});
}

Generation::Generation(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Generation>(info) {
  const Napi::Env env = info.Env();
  Model* model = Model::from(info[0]);
  const auto image = model->image(env);
  if (!image->image().is_language_model()) throw status_error(env, Status::kWrongKind);
  TokenStream::Request request;
  request.prompt = info[1].As<Napi::String>();
  request.max_tokens = info[2].As<Napi::Number>();
  request.options.temperature_q12 = static_cast<uint16_t>(info[3].As<Napi::Number>().Uint32Value());
  request.options.top_k = static_cast<uint16_t>(info[4].As<Napi::Number>().Uint32Value());
  request.options.seed = info[5].As<Napi::Number>();
  std::unique_ptr<OwnedSession> session;
  if (info[6].As<Napi::Boolean>()) session = model->take_kept();
  if (!session) session = OwnedSession::create(image);
  if (!session) throw status_error(env, Status::kOutOfMemory);

  model_ = Napi::Persistent(info[0].As<Napi::Object>());
  link_ = std::make_shared<Link>(this);
  const std::weak_ptr<Link> link = link_;
  stream_ = std::make_shared<TokenStream>(image, std::move(session), std::move(request),
                                          [waker = env.GetInstanceData<AddonData>()->waker, link] {
                                            if (auto target = link.lock()) waker->wake(std::move(target));
                                          });
  schedule();
}

Generation::~Generation() {
  if (link_) link_->owner = nullptr;
  if (stream_) stream_->cancel();
}

void Generation::schedule() {
  auto* slice = new Slice(this);  // deletes itself when done
  scheduled_ = true;
  Ref();
  slice->Queue();
}

void Generation::settle() {
  scheduled_ = false;
  if (Env().GetInstanceData<AddonData>()->waker->closed()) return;
  if (stream_->result())
    Model::from(model_.Value())->keep(stream_->release_session());
  else if (stream_->can_run())  // a cancel() that came while the queue was full has scheduled nothing
    schedule();
  if (stream_->result() || (awaited_ && !stream_->empty())) notify();
  Unref();
}

void Generation::notify() {
  const Napi::HandleScope scope(Env());
  awaited_ = false;
  const Napi::Value handler = Value().Get("onwake");
  if (handler.IsFunction()) handler.As<Napi::Function>().Call(Value(), {});
}

// take(ids: Uint16Array): number of tokens moved into it
Napi::Value Generation::take(const Napi::CallbackInfo& info) {
  auto ids = info[0].As<Napi::Uint16Array>();
  const size_t count = stream_->take(ids.Data(), ids.ElementLength());
  if (!scheduled_ && !stream_->result()) schedule();
  awaited_ = count == 0;
  return Napi::Number::New(info.Env(), static_cast<double>(count));
}

void Generation::cancel(const Napi::CallbackInfo&) {
  stream_->cancel();
  if (!scheduled_ && !stream_->result()) schedule();  // sees the flag and ends
}

// whether the first token continues a text; known once there is a first token
Napi::Value Generation::follows_text(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), stream_->follows_text());
}

// undefined while running, then the status; tokens may still be in the queue
Napi::Value Generation::result(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (scheduled_ || !stream_->result()) return env.Undefined();
  return Napi::Number::New(env, static_cast<unsigned>(*stream_->result()));
}

}  // namespace linnet::addon
