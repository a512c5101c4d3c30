#include "native/test/host_variants.h"

namespace linnet::test {

std::vector<KernelVariant> host_variants() {
  uint32_t count;
  const KernelVariant* known = kernel_variants(&count);
  std::vector<KernelVariant> all(known, known + count);
#if defined(__x86_64__)
  all.push_back({&avxvnni_evex_kernels(), __builtin_cpu_supports("avx2") && __builtin_cpu_supports("avx512vl") &&
                                              __builtin_cpu_supports("avx512vnni")});
#endif
  return all;
}

}  // namespace linnet::test
