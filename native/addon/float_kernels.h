// The float32 kernels of native/host/, as an object of the shape of FloatKernels (src/graph/float-kernels.ts).
#pragma once

#include <napi.h>

namespace linnet::addon {

Napi::Object define_float_kernels(Napi::Env env);

}  // namespace linnet::addon
