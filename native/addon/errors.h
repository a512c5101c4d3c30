// Engine status codes as JavaScript errors. src/engine/native-addon.ts turns them into LinnetError.
#pragma once

#include <napi.h>

#include "linnet/schema/status.h"

namespace linnet::addon {

// An Error whose `status` is the code.
Napi::Error status_error(Napi::Env env, Status status);

// The same of a refused image; `byteOffset` is where the fault was found.
Napi::Error image_error(Napi::Env env, Status status, uint32_t byte_offset);

}  // namespace linnet::addon
