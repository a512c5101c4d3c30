// Runs a libFuzzer target without libFuzzer: `<fuzzer> <count> <seed> <seed file>...` feeds every file and `count`
// seeded mutations of them, and ends with "N passed, 0 failed"; a finding ends the process through the sanitizer, which
// prints its trace after the line that names seed and input number.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "native/test/data.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
// A mutation that knows the format, as libFuzzer calls it; a fuzzer may do without.
extern "C" __attribute__((weak)) size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                                                unsigned seed);

namespace {

using linnet::test::Random;

// Values that sit on the edges of formats.
uint32_t edge(Random& random) {
  static const uint32_t edges[] = {0,       1,          2,          15,         16,        17,     127,
                                   128,     255,        256,        0x7fff,     0x8000,    0xfffe, 0xffff,
                                   0x10000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff};
  return edges[random.next() % (sizeof(edges) / sizeof(edges[0]))];
}

// Headers and tables come first in every format here, so half of the mutations go there.
size_t place(Random& random, size_t size) {
  return random.next() % (random.next() % 2 == 0 && size > 1024 ? 1024 : size);
}

std::vector<uint8_t> mutate(Random& random, std::vector<uint8_t> bytes) {
  if (LLVMFuzzerCustomMutator != nullptr && random.next() % 2 == 0) {
    for (uint32_t n = 1 + random.next() % 3; n > 0; n--)
      bytes.resize(LLVMFuzzerCustomMutator(bytes.data(), bytes.size(), bytes.size(), random.next()));
    return bytes;
  }
  for (uint32_t n = 1 + random.next() % 4; n > 0 && !bytes.empty(); n--) {
    const size_t at = place(random, bytes.size());
    switch (random.next() % 7) {
      case 0: bytes[at] ^= static_cast<uint8_t>(1u << random.next() % 8); break;
      case 1: bytes[at] = static_cast<uint8_t>(random.next()); break;
      case 2: bytes[at] = static_cast<uint8_t>(bytes[at] + random.in(-3, 3)); break;
      case 3:
      case 4: {  // an aligned field
        const uint32_t value = random.next() % 3 == 0 ? random.next() : edge(random);
        const size_t width = random.next() % 2 == 0 ? 2 : 4, start = at / width * width;
        for (size_t i = 0; i < width && start + i < bytes.size(); i++)
          bytes[start + i] = static_cast<uint8_t>(value >> (8 * i));
        break;
      }
      case 5: bytes.resize(random.next() % 4 == 0 ? at : bytes.size() / 16 * 16); break;
      case 6: {  // copy a piece over another
        const size_t from = place(random, bytes.size()), length = random.next() % 64;
        for (size_t i = 0; i < length && from + i < bytes.size() && at + i < bytes.size(); i++)
          bytes[at + i] = bytes[from + i];
        break;
      }
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: %s <count> <seed> <seed file>...\n", argv[0]);
    return 2;
  }
  const auto count = static_cast<uint64_t>(std::atoll(argv[1]));
  const auto seed = static_cast<uint64_t>(std::atoll(argv[2]));
  std::vector<std::vector<uint8_t>> corpus;
  for (int i = 3; i < argc; i++) {
    std::ifstream in(argv[i], std::ios::binary);
    if (!in) {
      std::fprintf(stderr, "%s: cannot be read\n", argv[i]);
      return 2;
    }
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    LLVMFuzzerTestOneInput(corpus.back().data(), corpus.back().size());
  }
  std::printf("fuzzing with seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  Random random(seed);
  for (uint64_t i = 0; i < count; i++) {
    const std::vector<uint8_t> input = mutate(random, corpus[random.next() % corpus.size()]);
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::printf("%llu passed, 0 failed\n", static_cast<unsigned long long>(count + corpus.size()));
  return 0;
}
