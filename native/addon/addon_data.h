// What the addon keeps for each environment (main thread or worker) that loads it.
#pragma once

#include <napi.h>

#include <memory>

#include "native/addon/memory.h"
#include "native/addon/wake.h"

namespace linnet::addon {

struct AddonData {
  explicit AddonData(Napi::Env env) : waker(std::make_shared<Waker>(env)) {}

  const std::shared_ptr<Waker> waker;
  Napi::FunctionReference model;                                          // the Model class
  const std::shared_ptr<LentBytes> lent = std::make_shared<LentBytes>();  // finalizers may outlive this
};

}  // namespace linnet::addon
