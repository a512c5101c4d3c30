// What takes long enough to belong on libuv's pool and answers with one promise.
#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "native/addon/memory.h"

namespace linnet::addon {

// Promise of the 32-byte digest (docs/numerics.md, 7).
Napi::Promise start_self_test(Napi::Env env, std::shared_ptr<const SharedImage> image);

// Promise of { labels: Uint16Array [n], scores: Uint16Array [n · label_count] }. Rejects at the first text that
// cannot be classified; the error's `index` tells which.
Napi::Promise start_classify_batch(Napi::Env env, std::shared_ptr<const SharedImage> image,
                                   std::vector<std::string> texts);

}  // namespace linnet::addon
