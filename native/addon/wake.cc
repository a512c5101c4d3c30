#include "native/addon/wake.h"

namespace linnet::addon {

Waker::Waker(Napi::Env env) : function_(Function::New(env, "linnet", 0, 1)) {
  function_.Unref(env);  // pending work keeps the process alive, an idle waker does not
}

void Waker::wake(std::shared_ptr<Wakeable> target) {
  auto* item = new std::shared_ptr<Wakeable>(std::move(target));
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!open_ || function_.NonBlockingCall(item) != napi_ok) delete item;
}

void Waker::close() {
  const std::lock_guard<std::mutex> lock(mutex_);
  open_ = false;
}

void Waker::call(Napi::Env env, Napi::Function, std::nullptr_t*, std::shared_ptr<Wakeable>* target) {
  const std::unique_ptr<std::shared_ptr<Wakeable>> item(target);
  if (static_cast<napi_env>(env) != nullptr) (*item)->woken(env);  // null while the environment goes down
}

}  // namespace linnet::addon
