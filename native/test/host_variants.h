// The kernel variants that tests run.
#pragma once

#include <vector>

#include "linnet/kernels.h"

namespace linnet::test {

// Those of kernel_variants(), and avxvnni in the encoding of AVX-512.
std::vector<KernelVariant> host_variants();

#if defined(__x86_64__)
// The kernels of avxvnni_evex.cc.
const Kernels& avxvnni_evex_kernels();
#endif

// Kernels in use for as long as this lives.
struct UsedKernels {
  explicit UsedKernels(const Kernels& k) { use_kernels(k); }
  ~UsedKernels() { select_kernels("auto"); }
};

}  // namespace linnet::test
