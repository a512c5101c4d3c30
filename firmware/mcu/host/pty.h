// A pseudo-terminal that behaves like a serial line: raw, and what is written while nobody listens is lost.
#pragma once

#include <cstdint>

namespace linnet::host {

class Pty {
 public:
  // Opens a new one, or goes on with `inherited`, the descriptor of an open one, unless that is -1.
  // False, with errno, if there is none to be had.
  bool open(int inherited);
  // What a client opens.
  const char* path() const { return path_; }
  int descriptor() const { return master_; }

  uint32_t read(uint8_t* to, uint32_t capacity);
  // Waits while a client is there and its queue is full.
  void write(const uint8_t* bytes, uint32_t size);
  // Sleeps until there are bytes, or for a moment while no client is there.
  void wait();

 private:
  bool client() const;

  int master_ = -1;
  char path_[64] = "";
};

}  // namespace linnet::host
