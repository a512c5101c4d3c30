// Anything on the serial line: it may be refused, but must never crash the firmware, keep it from its work or make it
// deaf. Input:
//
//     byte    which image lies in flash: 0 none, 1 a language model, 2 a classifier, modulo 3
//     records, each: byte  bit 0: frame it, with a right FCS; bits 1 … 7: steps of the loop afterwards
//                    byte  n
//                    n bytes for the line
//
// Afterwards a HELLO must be answered. Run it from the project root.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "firmware/app/app.h"
#include "linnet/digest.h"
#include "native/test/link_port.h"

using namespace linnet;
using test::wire;

namespace {

using Bytes = std::vector<uint8_t>;

const Bytes& image(unsigned choice) {
  static const auto read = [](const char* path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
      std::fprintf(stderr, "%s: cannot be read (run from the project root)\n", path);
      std::exit(2);
    }
    return Bytes(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  };
  static const Bytes images[] = {{}, read("test/conformance/lm-untied.linnet"), read("test/conformance/cnn.linnet")};
  return images[choice % 3];
}

void put_frame(const uint8_t* message, size_t size) {
  Bytes bytes(message, message + size);
  const uint32_t fcs = crc32(message, static_cast<uint32_t>(size));
  for (unsigned shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<uint8_t>(fcs >> shift));
  Bytes& line = wire().to_board;
  line.push_back(kFrameFlag);
  for (const uint8_t byte : bytes) {
    const bool special = byte == kFrameFlag || byte == kFrameEscape;
    if (special) line.push_back(kFrameEscape);
    line.push_back(special ? byte ^ kFrameXor : byte);
  }
  line.push_back(kFrameFlag);
}

void play(App& app, const uint8_t* data, size_t size) {
  for (size_t at = 0; at + 2 <= size;) {
    const unsigned control = data[at];
    const size_t n = data[at + 1] < size - at - 2 ? data[at + 1] : size - at - 2;
    if (control & 1)
      put_frame(data + at + 2, n);
    else
      wire().to_board.insert(wire().to_board.end(), data + at + 2, data + at + 2 + n);
    at += 2 + n;
    for (unsigned steps = control >> 1; steps > 0; steps--) app.step();
  }
}

// What is still on the line is read, whatever runs goes on a little, and then the board says who it is.
void expect_answer(App& app) {
  const uint8_t hello[] = {0x01, 0, 0x5a, 0xa5, 1, 0, 1, 0};
  wire().to_board.push_back(kFrameFlag);
  wire().to_board.push_back(kFrameFlag);
  while (wire().taken < wire().to_board.size()) app.step();
  wire().from_board.clear();
  put_frame(hello, sizeof(hello));
  while (wire().taken < wire().to_board.size()) app.step();
  const uint8_t start[] = {kFrameFlag, 0x11, 0, 0x5a, 0xa5};
  const Bytes& out = wire().from_board;
  for (size_t i = 0; i + sizeof(start) <= out.size(); i++)
    if (std::memcmp(out.data() + i, start, sizeof(start)) == 0) return;
  std::fprintf(stderr, "the board no longer answers\n");
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  wire() = test::Wire();
  wire().arena.resize(1 << 14);
  if (!image(data[0]).empty()) wire().image = std::make_unique<test::AlignedBytes>(image(data[0]));
  const auto app = std::make_unique<App>();
  app->start();
  try {
    play(*app, data + 1, size - 1);
    expect_answer(*app);
  } catch (const test::Reset&) {  // "/reset" on the console
  }
  return 0;
}
