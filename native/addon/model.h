// class Model: an opened image, and what is quick enough to do on the JavaScript thread.
#pragma once

#include <napi.h>

#include <vector>

#include "native/addon/memory.h"

namespace linnet::addon {

class Model : public Napi::ObjectWrap<Model> {
 public:
  static Napi::Function define(Napi::Env env);

  // The Model that was passed as an argument; throws a TypeError if it is none.
  static Model* from(const Napi::Value& value);

  // new Model(bytes: Uint8Array)
  explicit Model(const Napi::CallbackInfo& info);
  ~Model() override;

  // Throws if the model is closed.
  std::shared_ptr<const SharedImage> image(Napi::Env env) const;

  // The session the last generation left, for one that goes on from there; null if there is none.
  std::unique_ptr<OwnedSession> take_kept() { return std::move(kept_); }
  void keep(std::unique_ptr<OwnedSession> session);  // unless nothing was fed to it

 private:
  Napi::Value info(const Napi::CallbackInfo& info);
  Napi::Value bytes(const Napi::CallbackInfo& info);
  Napi::Value encode(const Napi::CallbackInfo& info);
  Napi::Value token_text(const Napi::CallbackInfo& info);
  Napi::Value classify(const Napi::CallbackInfo& info);
  Napi::Value classify_batch(const Napi::CallbackInfo& info);
  Napi::Value self_test(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);

  std::shared_ptr<SharedImage> image_;
  std::unique_ptr<OwnedSession> kept_;
  std::unique_ptr<OwnedSession> classifier_;  // of classify()
};

}  // namespace linnet::addon
