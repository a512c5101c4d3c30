// THE dispatch point of host builds: reference first, then better tiers, the last available one wins.
#include <atomic>
#include <cstring>

#include "linnet/digest.h"
#include "native/kernels/variants.h"

namespace linnet {
namespace {

constexpr Kernels kReference = LINNET_KERNELS(reference, crc32);
#if defined(__x86_64__)
constexpr Kernels kAvx2 = LINNET_KERNELS(avx2, crc32_pclmul);
constexpr Kernels kAvx512Vnni = LINNET_KERNELS(avx512vnni, crc32_pclmul);
#endif

struct Table {
  KernelVariant variants[3];
  uint32_t count = 0;

  void add(const Kernels& k, bool available) { variants[count++] = {&k, available}; }

  Table() {
    add(kReference, true);
#if defined(__x86_64__)
    const bool pclmul = __builtin_cpu_supports("pclmul") != 0;
    add(kAvx2, pclmul && __builtin_cpu_supports("avx2"));
    add(kAvx512Vnni, pclmul && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vl") &&
                         __builtin_cpu_supports("avx512bw"));
#endif
  }

  const Kernels* fastest() const {
    const Kernels* best = nullptr;
    for (uint32_t i = 0; i < count; i++)
      if (variants[i].available) best = variants[i].kernels;
    return best;
  }
};

const Table& table() {
  static const Table instance;
  return instance;
}

std::atomic<const Kernels*> chosen{nullptr};

}  // namespace

const Kernels& kernels() {
  const Kernels* k = chosen.load(std::memory_order_relaxed);
  if (k == nullptr) {
    k = table().fastest();
    chosen.store(k, std::memory_order_relaxed);
  }
  return *k;
}

const KernelVariant* kernel_variants(uint32_t* count) {
  *count = table().count;
  return table().variants;
}

bool select_kernels(const char* name) {
  if (name == nullptr || std::strcmp(name, "auto") == 0) {
    chosen.store(table().fastest(), std::memory_order_relaxed);
    return true;
  }
  for (uint32_t i = 0; i < table().count; i++) {
    const KernelVariant& v = table().variants[i];
    if (std::strcmp(v.kernels->name, name) != 0) continue;
    if (!v.available) return false;
    chosen.store(v.kernels, std::memory_order_relaxed);
    return true;
  }
  return false;
}

}  // namespace linnet
