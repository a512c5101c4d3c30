// A test runner of one page: TEST("sentence") { CHECK(x); CHECK_EQ(a, b); } — main() is in main.cc.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "native/test/data.h"

namespace linnet::test {

struct Case {
  const char* name;
  void (*run)();
};

std::vector<Case>& cases();

struct Registration {
  Registration(const char* name, void (*run)()) { cases().push_back({name, run}); }
};

// Records a failure of the running test; it goes on, so that one run shows all.
void fail(const char* file, int line, const std::string& what);
void fail(const char* file, int line, const char* what);

// The same for two values that should be equal.
template <typename A, typename B>
__attribute__((noinline)) void fail_equal(const char* file, int line, const char* what, const A& a, const B& b) {
  std::ostringstream text;
  text << what << ": " << +a << " != " << +b;
  fail(file, line, text.str());
}

// Marks the running test as skipped, with a reason that is printed.
void skip(const std::string& why);

// Whole file; fails the running test and returns nothing if it cannot be read. Paths count from the project root.
std::vector<uint8_t> read_file(const std::string& path);
bool file_exists(const std::string& path);

}  // namespace linnet::test

#define LINNET_JOIN2(a, b) a##b
#define LINNET_JOIN(a, b) LINNET_JOIN2(a, b)
#define TEST(name)                                                                                              \
  static void LINNET_JOIN(test_, __LINE__)();                                                                   \
  static ::linnet::test::Registration LINNET_JOIN(registration_, __LINE__)(name, LINNET_JOIN(test_, __LINE__)); \
  static void LINNET_JOIN(test_, __LINE__)()

#define CHECK(condition)                                                    \
  do {                                                                      \
    if (!(condition)) ::linnet::test::fail(__FILE__, __LINE__, #condition); \
  } while (0)

#define CHECK_EQ(a, b)                                                                                         \
  do {                                                                                                         \
    const auto& check_a = (a);                                                                                 \
    const auto& check_b = (b);                                                                                 \
    if (!(check_a == check_b)) ::linnet::test::fail_equal(__FILE__, __LINE__, #a " == " #b, check_a, check_b); \
  } while (0)
