// A board of the tests: the firmware's app on the tests' port; and the host's side of the link, written independently
// of the firmware's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "firmware/app/app.h"
#include "native/test/link_port.h"
#include "native/test/test.h"

namespace linnet::test {

constexpr char kLanguageModel[] = "test/conformance/lm-tied.linnet";
constexpr char kEndingLanguageModel[] = "test/conformance/lm-untied.linnet";  // has an end token
constexpr char kClassifier[] = "test/conformance/cnn.linnet";
constexpr char kNgramClassifier[] = "test/conformance/fasttext.linnet";  // n-grams of up to three words, 300 ids

struct Reply {
  uint8_t type;
  uint16_t request;
  std::vector<uint8_t> payload;

  // The payload, or what it starts with, as a struct.
  template <typename T>
  T as() const {
    T value = {};
    if (payload.size() >= sizeof(T)) std::memcpy(&value, payload.data(), sizeof(T));
    return value;
  }
  bool is(ReplyType t) const { return type == static_cast<uint8_t>(t); }
  // Of an error or cancel reply.
  Status status() const { return static_cast<Status>(as<StatusReply>().status); }
};

// A frame around these bytes, which need not be a message.
std::vector<uint8_t> framed(const std::vector<uint8_t>& message);
std::vector<uint8_t> message(MessageType type, uint16_t request, const std::vector<uint8_t>& payload = {});

// A struct and what follows it as bytes.
template <typename T>
std::vector<uint8_t> bytes_of(const T& value, const std::string& rest = "") {
  std::vector<uint8_t> bytes(sizeof(T) + rest.size());
  std::memcpy(bytes.data(), &value, sizeof(T));
  std::memcpy(bytes.data() + sizeof(T), rest.data(), rest.size());
  return bytes;
}

// Takes the host's side of a stream apart: messages and console text.
class HostDecoder {
 public:
  void push(const std::vector<uint8_t>& bytes);
  std::vector<Reply> replies;
  std::string text;
  uint32_t damaged = 0;

 private:
  void end_frame();
  std::vector<uint8_t> frame_;
  bool inside_ = false;
};

class LinkBoard {
 public:
  // `image`: the bytes in flash, none for an empty board.
  explicit LinkBoard(const std::vector<uint8_t>& image, uint32_t arena_bytes = 1 << 16);

  // Puts bytes on the line, works until there is nothing to do, and returns what came back.
  std::vector<Reply> exchange(const std::vector<uint8_t>& bytes);
  std::vector<Reply> exchange(MessageType type, uint16_t request, const std::vector<uint8_t>& payload = {}) {
    return exchange(framed(message(type, request, payload)));
  }
  // exchange() of what must be answered by exactly one message.
  Reply ask(MessageType type, uint16_t request, const std::vector<uint8_t>& payload = {});
  // Types, and returns what the console wrote.
  std::string type(const std::string& text);

  // The same by hand: what is on the line is read at the next step.
  void put(const std::vector<uint8_t>& bytes);
  bool step() { return app_->step(); }
  std::vector<Reply> received();
  std::string text();

 private:
  std::unique_ptr<App> app_;
  HostDecoder decoder_;
};

// Ids the engine itself gives: the oracle. BOS first, as for a fresh generation.
std::vector<uint16_t> generated_by_engine(const std::vector<uint8_t>& image, const std::string& prompt, uint32_t count,
                                          const GenerateOptions& options);

}  // namespace linnet::test
