// Anything on the serial line: it may be refused, but must never crash the firmware, keep it from its work or make it
// deaf. Input:
//
//     byte    which image lies in flash: 0 none, 1 a language model, 2 a classifier, modulo 3; bit 7: no uploads
//     records, each: byte  bit 0: frame it, with a right FCS; bits 1 … 7: steps of the loop afterwards
//                    byte  n
//                    n bytes for the line
//
// A hash is nothing a mutation finds, so an upload message of 8 bytes in a frame stands for one that fits: header, byte
// k, 2 bytes offset, byte m. It is about image k, as above, with 3m + 1 bytes of data.
//
// Afterwards a HELLO must be answered. Run it from the project root.
#include <algorithm>
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

const UploadRequest& request_of(unsigned choice) {
  static const auto request = [](const Bytes& model) {
    UploadRequest made = {static_cast<uint32_t>(model.size()), {}};
    Sha256 hash;
    hash.start();
    hash.update(model.data(), made.size);
    hash.finish(made.sha256);
    return made;
  };
  static const UploadRequest requests[] = {request(image(0)), request(image(1)), request(image(2))};
  return requests[choice % 3];
}

// A message as it goes on the line: what stands for an upload message is made one.
Bytes expanded(const uint8_t* message, size_t size) {
  Bytes bytes(message, message + size);
  const auto type = static_cast<MessageType>(size == 8 ? message[0] : 0);
  const bool data = type == MessageType::kUploadData;
  if (!data && type != MessageType::kUploadBegin && type != MessageType::kUploadCommit) return bytes;
  const Bytes& model = image(message[4]);
  const UploadRequest& request = request_of(message[4]);
  bytes.resize(sizeof(MessageHeader));
  const auto append = [&](const void* from, size_t count) {
    const auto* first = static_cast<const uint8_t*>(from);
    bytes.insert(bytes.end(), first, first + count);
  };
  if (!data) {
    append(&request, sizeof(request));
    return bytes;
  }
  UploadData place = {};
  std::memcpy(place.tag, request.sha256, sizeof(place.tag));
  place.offset = message[5] | message[6] << 8;
  append(&place, sizeof(place));
  const size_t wanted = message[7] * 3u + 1, left = model.size() - std::min<size_t>(place.offset, model.size());
  append(model.data() + model.size() - left, std::min(wanted, left));
  return bytes;
}

void play(App& app, const uint8_t* data, size_t size) {
  for (size_t at = 0; at + 2 <= size;) {
    const unsigned control = data[at];
    const size_t n = data[at + 1] < size - at - 2 ? data[at + 1] : size - at - 2;
    if (control & 1) {
      const Bytes message = expanded(data + at + 2, n);
      put_frame(message.data(), message.size());
    } else {
      wire().to_board.insert(wire().to_board.end(), data + at + 2, data + at + 2 + n);
    }
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
  wire().slot_bytes = data[0] & 0x80 ? 0 : 1 << 14;
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
