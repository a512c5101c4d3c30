// linnet_native_tests [--kernels <name>] [<text>]
//
// Runs every test, or those whose names contain the text; ends with one line "N passed, N failed". With --kernels it
// runs none unless those are the kernels this CPU gets.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "linnet/kernels.h"
#include "native/test/test.h"

namespace linnet::test {
namespace {

const char* running = "";
int failures = 0;
std::string skipped;

}  // namespace

std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

void fail(const char* file, int line, const char* what) {
  std::printf("%s:%d: %s\n  in \"%s\"\n", file, line, what, running);
  failures++;
}
void fail(const char* file, int line, const std::string& what) { fail(file, line, what.c_str()); }

void skip(const std::string& why) { skipped = why; }

std::vector<uint8_t> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail(path.c_str(), 0, "cannot be read (run the tests from the project root)");
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool file_exists(const std::string& path) { return std::ifstream(path).good(); }

}  // namespace linnet::test

int main(int argc, char** argv) {
  using namespace linnet::test;
  if (argc > 2 && std::strcmp(argv[1], "--kernels") == 0) {
    if (std::strcmp(linnet::kernels().name, argv[2]) != 0) {
      std::printf("the kernels of this CPU are %s, not %s\n", linnet::kernels().name, argv[2]);
      return 1;
    }
    argc -= 2, argv += 2;
  }
  int passed = 0, failed = 0, left_out = 0;
  for (const Case& c : cases()) {
    if (argc > 1 && std::strstr(c.name, argv[1]) == nullptr) continue;
    running = c.name;
    failures = 0;
    skipped.clear();
    c.run();
    if (failures != 0) {
      failed++;
    } else if (!skipped.empty()) {
      left_out++;
      std::printf("SKIPPED \"%s\": %s\n", c.name, skipped.c_str());
    } else {
      passed++;
    }
  }
  if (left_out != 0) std::printf("%d skipped\n", left_out);
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}
