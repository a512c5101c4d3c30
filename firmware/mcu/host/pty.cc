#include "firmware/mcu/host/pty.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

namespace linnet::host {
namespace {

// While no client has the other end open, poll() on it returns at once, so one has to look now and then.
constexpr int kLookForClientMs = 20;

// As a UART passes bytes on. The setting outlives the descriptor it is made with.
bool make_raw(const char* path) {
  const int slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) return false;
  termios settings;
  bool done = tcgetattr(slave, &settings) == 0;
  cfmakeraw(&settings);
  done = done && tcsetattr(slave, TCSANOW, &settings) == 0;
  close(slave);
  return done;
}

}  // namespace

bool Pty::open(int inherited) {
  master_ = inherited >= 0 ? inherited : posix_openpt(O_RDWR | O_NOCTTY);
  if (master_ < 0 || grantpt(master_) != 0 || unlockpt(master_) != 0) return false;
  if (ptsname_r(master_, path_, sizeof(path_)) != 0) return false;
  if (inherited < 0 && !make_raw(path_)) return false;
  return fcntl(master_, F_SETFL, O_NONBLOCK) == 0;
}

bool Pty::client() const {
  pollfd line = {master_, 0, 0};
  return poll(&line, 1, 0) >= 0 && (line.revents & POLLHUP) == 0;
}

uint32_t Pty::read(uint8_t* to, uint32_t capacity) {
  const ssize_t count = ::read(master_, to, capacity);  // EIO: no client
  return count > 0 ? static_cast<uint32_t>(count) : 0;
}

void Pty::write(const uint8_t* bytes, uint32_t size) {
  while (size > 0 && client()) {
    const ssize_t count = ::write(master_, bytes, size);
    if (count > 0) {
      bytes += count;
      size -= static_cast<uint32_t>(count);
    } else if (errno == EAGAIN) {
      pollfd line = {master_, POLLOUT, 0};
      poll(&line, 1, -1);
    } else if (errno != EINTR) {
      return;
    }
  }
}

void Pty::wait() {
  pollfd line = {client() ? master_ : -1, POLLIN, 0};
  poll(&line, 1, line.fd < 0 ? kLookForClientMs : -1);
}

}  // namespace linnet::host
