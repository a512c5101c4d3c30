#include "native/addon/errors.h"

namespace linnet::addon {

Napi::Error status_error(Napi::Env env, Status status) {
  Napi::Error error = Napi::Error::New(env, "engine status " + std::to_string(static_cast<unsigned>(status)));
  error.Set("status", Napi::Number::New(env, static_cast<unsigned>(status)));
  return error;
}

Napi::Error image_error(Napi::Env env, Status status, uint32_t byte_offset) {
  Napi::Error error = status_error(env, status);
  error.Set("byteOffset", Napi::Number::New(env, byte_offset));
  return error;
}

}  // namespace linnet::addon
