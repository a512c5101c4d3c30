// THE dispatch point of host builds: reference first, then better tiers, the last available one wins.
#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#elif defined(__x86_64__)
#include <cpuid.h>
#endif

#include <atomic>
#include <cstring>

#include "native/kernels/variants.h"

namespace linnet {
namespace {

#if defined(__x86_64__)
constexpr Kernels kAvx2 = LINNET_KERNELS(avx2, crc32_pclmul);
constexpr Kernels kAvx512Vnni = LINNET_KERNELS(avx512vnni, crc32_pclmul);
#ifdef LINNET_COMPILES_AVXVNNI
constexpr Kernels kAvxVnni = LINNET_BASED_ON(kAvx2, avxvnni);

// __builtin_cpu_supports() does not know its name in every compiler. It needs of the system what AVX2 needs.
bool has_avxvnni() {
  unsigned a, b, c, d;
  return __builtin_cpu_supports("avx2") && __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a & 1u << 4) != 0;
}
#endif
#elif defined(__aarch64__)
constexpr Kernels kNeonSmull = LINNET_BASED_ON(kReference, neonsmull);
constexpr Kernels kNeonSdot = LINNET_BASED_ON(kReference, neonsdot);

bool has_sdot() {
#if defined(__linux__)
  constexpr unsigned long kAsimdDp = 1ul << 20;  // HWCAP_ASIMDDP
  return (getauxval(AT_HWCAP) & kAsimdDp) != 0;
#elif defined(__APPLE__)
  return true;  // since the M1
#else
  return false;
#endif
}
#endif

struct Table {
  KernelVariant variants[4];
  uint32_t count = 0;

  void add(const Kernels& k, bool available) { variants[count++] = {&k, available}; }

  Table() {
    add(kReference, true);
#if defined(__x86_64__)
    const bool pclmul = __builtin_cpu_supports("pclmul") != 0;
    add(kAvx2, pclmul && __builtin_cpu_supports("avx2"));
#ifdef LINNET_COMPILES_AVXVNNI
    add(kAvxVnni, pclmul && has_avxvnni());
#endif
    add(kAvx512Vnni, pclmul && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vl") &&
                         __builtin_cpu_supports("avx512bw"));
#elif defined(__aarch64__)
    add(kNeonSmull, true);
    add(kNeonSdot, has_sdot());
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

void use_kernels(const Kernels& k) { chosen.store(&k, std::memory_order_relaxed); }

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
