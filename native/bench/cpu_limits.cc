// What bounds the AVX-512-VNNI kernels on this CPU, measured: the time of a vpdpbusd when nothing holds it up, and the
// rate at which the second-level cache is read. One line of JSON; "null" on a CPU without AVX-512-VNNI.
#include <chrono>
#include <cstdio>
#include <memory>

#if defined(__x86_64__)
#include <immintrin.h>

namespace {

#define LINNET_VNNI __attribute__((target("avx512f,avx512vnni")))

constexpr int kRepetitions = 60;

// The least of several runs, ns: what interrupts a run only makes it longer.
template <typename Work>
double least_ns(const Work& work) {
  double least = 1e12;
  for (int i = 0; i < kRepetitions; i++) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const double ns = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
    if (ns < least) least = ns;
  }
  return least;
}

constexpr int kSums = 16;

// `rounds` times one vpdpbusd for each of 16 sums: enough that none waits for the one before.
LINNET_VNNI void multiply(int rounds) {
  __m512i sums[kSums] = {};
  const __m512i weights = _mm512_set1_epi32(0x01020304), x = _mm512_set1_epi32(0x05060708);
  for (int i = 0; i < rounds; i++)
#pragma GCC unroll 16
    for (auto& sum : sums) asm volatile("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(weights), "v"(x));
}

// Reads `bytes`, in two streams, as the weights of a matrix are read that is multiplied with one vector.
LINNET_VNNI void read(const uint8_t* data, size_t bytes) {
  for (const uint8_t *at = data, *other = data + bytes / 2; at < data + bytes / 2; at += 128, other += 128) {
    const auto load = [](const uint8_t* p)
                          LINNET_VNNI { asm volatile("" ::"v"(_mm512_load_si512(p)), "v"(_mm512_load_si512(p + 64))); };
    load(at);
    load(other);
  }
}

}  // namespace

int main() {
  if (!__builtin_cpu_supports("avx512vnni")) return std::puts("null") < 0;
  constexpr int kRounds = 100000;
  const double multiply_ns = least_ns([] { multiply(kRounds); }) / (kRounds * kSums);
  constexpr size_t kBytes =
      160000 / 256 * 256;  // the recurrent matrix of an LSTM of 200: more than a first-level cache
  constexpr int kReads = 50;
  const std::unique_ptr<uint8_t[]> memory(new uint8_t[kBytes + 64]());
  const uint8_t* data = memory.get() + 64 - reinterpret_cast<uintptr_t>(memory.get()) % 64;
  const double read_ns = least_ns([data] {
                           for (int i = 0; i < kReads; i++) read(data, kBytes);
                         }) /
                         kReads;
  std::printf("{\"vnni_nanoseconds\": %.4f, \"l2_bytes_a_nanosecond\": %.1f}\n", multiply_ns, kBytes / read_ns);
}

#else
int main() { return std::puts("null") < 0; }
#endif
