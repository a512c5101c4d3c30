#include "firmware/mcu/host/image_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace linnet::host {
namespace {

// All of `file` in memory of our own: a mapped file that someone truncates later would end the process.
port::Flash read_all(int file, uint32_t size) {
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return {};
  auto* bytes = static_cast<uint8_t*>(memory);
  for (uint32_t at = 0; at < size;) {
    const ssize_t count = ::read(file, bytes + at, size - at);
    if (count == 0) errno = EIO;  // it has become shorter
    if (count <= 0) {
      munmap(memory, size);
      return {};
    }
    at += static_cast<uint32_t>(count);
  }
  return {bytes, size};
}

}  // namespace

port::Flash read_image(const char* path) {
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  port::Flash image = {};
  struct stat facts;
  errno = 0;
  if (fstat(file, &facts) == 0) {
    if (facts.st_size > LINNET_IMAGE_BYTES)
      errno = EFBIG;
    else if (facts.st_size > 0)
      image = read_all(file, static_cast<uint32_t>(facts.st_size));
  }
  close(file);
  return image;
}

}  // namespace linnet::host
