// One ThreadSafeFunction an environment, through which pool threads call back into JavaScript.
#pragma once

#include <napi.h>

#include <memory>
#include <mutex>

namespace linnet::addon {

// What a pool thread may have woken; runs on the JavaScript thread.
class Wakeable {
 public:
  virtual ~Wakeable() = default;
  virtual void woken(Napi::Env env) = 0;
};

class Waker {
 public:
  explicit Waker(Napi::Env env);

  // From any thread: has `target->woken()` called soon. Nothing happens once the environment is going down.
  void wake(std::shared_ptr<Wakeable> target);

  // On the JavaScript thread: before the environment takes its functions apart, and whether that has happened.
  // Work that ends later is dropped: no JavaScript runs any more, and new work would keep the environment waiting.
  void close();
  bool closed() const { return !open_; }

 private:
  static void call(Napi::Env env, Napi::Function, std::nullptr_t*, std::shared_ptr<Wakeable>* target);
  using Function = Napi::TypedThreadSafeFunction<std::nullptr_t, std::shared_ptr<Wakeable>, call>;

  std::mutex mutex_;
  bool open_ = true;
  Function function_;
};

}  // namespace linnet::addon
