// firmware/port.h as a Linux process:
//
//   linnet-host-board [--image FILE] [--exit-with-parent]
//
// Prints the path of its serial line, one line on stdout, and runs until it gets a signal; with --exit-with-parent
// also until its stdin ends.
#include "firmware/port.h"

#include <fcntl.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "firmware/mcu/host/image_file.h"
#include "firmware/mcu/host/pty.h"
#include "firmware/mcu/host/slots.h"

namespace linnet::port {
namespace {

// A reset starts the program again; the serial line stays, as a board's cable does.
constexpr char kInheritedLine[] = "LINNET_HOST_BOARD_LINE";
constexpr uint32_t kMaxArguments = 8;

host::Pty line;
char* arguments[kMaxArguments + 1];
alignas(16) uint8_t arena_bytes[LINNET_ARENA_BYTES];

[[noreturn]] void fail(const char* what, const char* why) {
  std::fprintf(stderr, "linnet-host-board: %s: %s\n", what, why);
  std::exit(1);
}

// A thread, for the loop may be at work or waiting for its reader when stdin ends.
void exit_with_parent() {
  pthread_t thread;
  const auto watch = [](void*) -> void* {
    char ignored[64];
    while (::read(STDIN_FILENO, ignored, sizeof(ignored)) > 0) {
    }
    _exit(0);
  };
  if (pthread_create(&thread, nullptr, watch, nullptr) != 0) fail("--exit-with-parent", "no thread to be had");
}

void read_arguments() {
  for (char** argument = arguments + 1; *argument != nullptr; argument++) {
    if (std::strcmp(*argument, "--exit-with-parent") == 0) {
      exit_with_parent();
    } else if (std::strcmp(*argument, "--image") == 0 && argument[1] != nullptr) {
      const Flash image = host::read_image(*++argument);
      if (image.size == 0) fail(*argument, errno == 0 ? "the file is empty" : std::strerror(errno));
      host::set_image(image);
    } else {
      std::fprintf(stderr, "usage: linnet-host-board [--image FILE] [--exit-with-parent]\n");
      std::exit(2);
    }
  }
}

void open_line() {
  const char* inherited = std::getenv(kInheritedLine);
  if (!line.open(inherited == nullptr ? -1 : std::atoi(inherited))) fail("no pseudo-terminal", std::strerror(errno));
  if (inherited != nullptr) return;
  std::printf("%s\n", line.path());
  std::fflush(stdout);
}

}  // namespace

void init() {
  // The loop's main() takes no arguments, as on any board; the system keeps them.
  static char text[4096];
  const int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  const ssize_t size = file < 0 ? -1 : ::read(file, text, sizeof(text) - 1);
  if (size <= 0) fail("/proc/self/cmdline", std::strerror(errno));
  close(file);
  uint32_t count = 0;
  for (char* at = text; at < text + size && count < kMaxArguments; at += std::strlen(at) + 1) arguments[count++] = at;
  read_arguments();
  open_line();
}

uint32_t read(uint8_t* to, uint32_t capacity) { return line.read(to, capacity); }
uint32_t lost_bytes() { return 0; }
void write(const void* bytes, uint32_t size) { line.write(static_cast<const uint8_t*>(bytes), size); }

void wait() { line.wait(); }

uint32_t ticks() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint32_t>(static_cast<uint64_t>(now.tv_sec) * 1'000'000 +
                               static_cast<uint64_t>(now.tv_nsec) / 1000);
}
uint32_t ticks_per_second() { return 1'000'000; }

void reset() {
  char descriptor[16];
  std::snprintf(descriptor, sizeof(descriptor), "%d", line.descriptor());
  setenv(kInheritedLine, descriptor, 1);
  execv("/proc/self/exe", arguments);
  fail("reset", std::strerror(errno));
}

Arena arena() { return {arena_bytes, sizeof(arena_bytes)}; }
const char* board_name() { return LINNET_BOARD; }

}  // namespace linnet::port
