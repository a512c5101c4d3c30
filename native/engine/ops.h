// Which ops a program contains: all, unless its build names them, LINNET_OPS=OpType::kEmbedding,…
// (firmware/CMakeLists.txt). The code of the others is left out, and open_image() refuses a model that needs it as
// kMissingOp. Only what switches over op types includes this: execute.cc, validate_ops.cc.
#pragma once

#include "linnet/schema/image.h"

namespace linnet {

#ifdef LINNET_OPS
constexpr bool contains(OpType type) {
  constexpr OpType kOps[] = {LINNET_OPS};
  for (const OpType op : kOps)
    if (op == type) return true;
  return false;
}
#else
constexpr bool contains(OpType) { return true; }
#endif

}  // namespace linnet
