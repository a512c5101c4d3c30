// What the addon exports; src/engine/native-addon.ts is its TypeScript side and only caller.
#include <napi.h>

#include "linnet/kernels.h"
#include "native/addon/addon_data.h"
#include "native/addon/errors.h"
#include "native/addon/float_kernels.h"
#include "native/addon/generation.h"
#include "native/addon/model.h"
#include "native/addon/scoring.h"

namespace linnet::addon {
namespace {

// kernelVariants(): [{ name, available }], reference first
Napi::Value list_kernels(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  uint32_t count = 0;
  const KernelVariant* variants = kernel_variants(&count);
  Napi::Array list = Napi::Array::New(env, count);
  for (uint32_t i = 0; i < count; i++) {
    Napi::Object variant = Napi::Object::New(env);
    variant.Set("name", variants[i].kernels->name);
    variant.Set("available", variants[i].available);
    list.Set(i, variant);
  }
  return list;
}

// selectKernels(name): whether there is such a variant here
Napi::Value choose_kernels(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), select_kernels(std::string(info[0].As<Napi::String>()).c_str()));
}

// kernels(): name of the variant in use
Napi::Value current_kernels(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), kernels().name); }

// lend(size): a Uint8Array that new Model() takes over, leaving it empty, instead of copying it
Napi::Value lend(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const size_t size = info[0].As<Napi::Number>().Uint32Value();
  const auto bytes = std::make_shared<AlignedBytes>(size, false);
  if (!bytes->data()) throw status_error(env, Status::kOutOfMemory);
  const auto lent = env.GetInstanceData<AddonData>()->lent;
  // Long after it was taken over the address may be that of another.
  const auto collected = [lent, bytes](Napi::Env, void* at) {
    const auto found = lent->find(at);
    if (found != lent->end() && found->second == bytes) lent->erase(found);
  };
  Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(env, bytes->data(), size, collected);
  lent->emplace(bytes->data(), bytes);
  return Napi::Uint8Array::New(env, size, buffer, 0);
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  auto* data = new AddonData(env);
  env.SetInstanceData(data);  // deleted with the environment
  // Hooks run last in, first out: this one before that of the waker's ThreadSafeFunction.
  env.AddCleanupHook([waker = data->waker] { waker->close(); });

  const Napi::Function model = Model::define(env);
  data->model = Napi::Persistent(model);
  exports.Set("Model", model);
  exports.Set("Generation", Generation::define(env));
  exports.Set("Scoring", Scoring::define(env));
  exports.Set("lend", Napi::Function::New<lend>(env, "lend"));
  exports.Set("kernelVariants", Napi::Function::New<list_kernels>(env, "kernelVariants"));
  exports.Set("selectKernels", Napi::Function::New<choose_kernels>(env, "selectKernels"));
  exports.Set("kernels", Napi::Function::New<current_kernels>(env, "kernels"));
  exports.Set("floatKernels", define_float_kernels(env));
  return exports;
}

}  // namespace
}  // namespace linnet::addon

static Napi::Object init_module(Napi::Env env, Napi::Object exports) { return linnet::addon::init(env, exports); }
NODE_API_MODULE(linnet, init_module)
