// class Generation: a TokenStream run in slices on libuv's pool, and its reader in JavaScript.
#pragma once

#include <napi.h>

#include "native/addon/model.h"
#include "native/addon/token_stream.h"
#include "native/addon/wake.h"

namespace linnet::addon {

// Nothing waits on a thread: a stream whose queue is full is simply not scheduled, until take() makes room. The
// object holds itself while a slice is scheduled, for a reader that awaits `onwake` may be held by nobody else; else it
// is garbage like any other once dropped. So a slice never ends without telling a reader that waits.
class Generation : public Napi::ObjectWrap<Generation> {
 public:
  static Napi::Function define(Napi::Env env);

  // new Generation(model, prompt, maxTokens, temperatureQ12, topK, seed, keepState). Its property `onwake` is
  // called when take() gave nothing and there is something now, and when the generation has ended.
  explicit Generation(const Napi::CallbackInfo& info);
  ~Generation() override;

 private:
  class Slice;
  struct Link;

  Napi::Value take(const Napi::CallbackInfo& info);
  void cancel(const Napi::CallbackInfo& info);
  Napi::Value follows_text(const Napi::CallbackInfo& info);
  Napi::Value result(const Napi::CallbackInfo& info);

  void schedule();
  void settle();  // after a slice
  void notify();

  Napi::ObjectReference model_;
  std::shared_ptr<Link> link_;
  std::shared_ptr<TokenStream> stream_;
  bool scheduled_ = false;
  bool awaited_ = false;  // take() gave nothing, and onwake was not called since
};

}  // namespace linnet::addon
