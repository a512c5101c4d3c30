#include "native/addon/float_kernels.h"

#include "native/host/float_matmul.h"

namespace linnet::addon {
namespace {

// Products of three such sizes do not overflow.
constexpr int64_t kLargestSize = 1 << 20;

size_t size_argument(const Napi::CallbackInfo& info, size_t index) {
  const int64_t size = info[index].As<Napi::Number>().Int64Value();
  if (size < 0 || size > kLargestSize) throw Napi::RangeError::New(info.Env(), "size out of range");
  return static_cast<size_t>(size);
}

// The elements of a Float32Array argument that must hold at least `length`.
float* floats(const Napi::CallbackInfo& info, size_t index, size_t length) {
  if (!info[index].IsTypedArray() || info[index].As<Napi::TypedArray>().TypedArrayType() != napi_float32_array)
    throw Napi::TypeError::New(info.Env(), "expected a Float32Array");
  auto array = info[index].As<Napi::Float32Array>();
  if (array.ElementLength() < length) throw Napi::RangeError::New(info.Env(), "array is too short for its shape");
  return array.Data();
}

void matmul(const Napi::CallbackInfo& info) {
  const size_t steps = size_argument(info, 4), rows = size_argument(info, 5), columns = size_argument(info, 6);
  const float* bias = info[2].IsUndefined() ? nullptr : floats(info, 2, rows);
  float_matmul(floats(info, 0, steps * columns), floats(info, 1, rows * columns), bias, floats(info, 3, steps * rows),
               steps, rows, columns);
}

void lstm(const Napi::CallbackInfo& info) {
  const size_t steps = size_argument(info, 5), hidden_size = size_argument(info, 6);
  float_lstm(floats(info, 0, steps * 4 * hidden_size), floats(info, 1, 4 * hidden_size * hidden_size),
             floats(info, 2, hidden_size), floats(info, 3, hidden_size), floats(info, 4, steps * hidden_size), steps,
             hidden_size);
}

void log_sum_exp(const Napi::CallbackInfo& info) {
  const size_t steps = size_argument(info, 2), rows = size_argument(info, 3);
  float_log_sum_exp(floats(info, 0, steps * rows), floats(info, 1, steps), steps, rows);
}

}  // namespace

Napi::Object define_float_kernels(Napi::Env env) {
  Napi::Object kernels = Napi::Object::New(env);
  kernels.Set("name", float_variant());
  kernels.Set("matmul", Napi::Function::New<matmul>(env, "matmul"));
  kernels.Set("lstm", Napi::Function::New<lstm>(env, "lstm"));
  kernels.Set("logSumExp", Napi::Function::New<log_sum_exp>(env, "logSumExp"));
  return kernels;
}

}  // namespace linnet::addon
