#include "native/test/link_board.h"

#include "linnet/digest.h"

namespace linnet::test {

std::vector<uint8_t> framed(const std::vector<uint8_t>& message) {
  std::vector<uint8_t> bytes = message;
  const uint32_t fcs = crc32(message.data(), static_cast<uint32_t>(message.size()));
  for (unsigned shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<uint8_t>(fcs >> shift));
  std::vector<uint8_t> out = {0x7e};
  for (const uint8_t byte : bytes) {
    if (byte == 0x7e || byte == 0x7d) {
      out.push_back(0x7d);
      out.push_back(byte ^ 0x20);
    } else {
      out.push_back(byte);
    }
  }
  out.push_back(0x7e);
  return out;
}

std::vector<uint8_t> message(MessageType type, uint16_t request, const std::vector<uint8_t>& payload) {
  const MessageHeader header = {static_cast<uint8_t>(type), 0, request};
  return bytes_of(header, {payload.begin(), payload.end()});
}

void HostDecoder::push(const std::vector<uint8_t>& bytes) {
  for (const uint8_t byte : bytes) {
    if (byte == 0x7e && inside_ && !frame_.empty()) {
      end_frame();
    } else if (byte == 0x7e) {
      inside_ = true;
    } else if (inside_ && frame_.empty() && byte >= 0x20) {  // a '~' in console text
      inside_ = false;
      text += '~';
      text += static_cast<char>(byte);
    } else if (inside_) {
      frame_.push_back(byte);
    } else {
      text += static_cast<char>(byte);
    }
  }
}

void HostDecoder::end_frame() {
  std::vector<uint8_t> raw;
  for (size_t i = 0; i < frame_.size(); i++) {
    const bool escape = frame_[i] == 0x7d && i + 1 < frame_.size();
    raw.push_back(escape ? frame_[++i] ^ 0x20 : frame_[i]);
  }
  frame_.clear();
  const size_t size = raw.size() < 8 ? 0 : raw.size() - 4;
  uint32_t fcs = 0;
  for (size_t i = raw.size(); i > size; i--) fcs = fcs << 8 | raw[i - 1];
  if (size == 0 || crc32(raw.data(), static_cast<uint32_t>(size)) != fcs) {
    damaged++;
    return;
  }
  inside_ = false;
  const auto request = static_cast<uint16_t>(raw[2] | raw[3] << 8);
  replies.push_back({raw[0], request, {raw.begin() + 4, raw.begin() + static_cast<std::ptrdiff_t>(size)}});
}

LinkBoard::LinkBoard(const std::vector<uint8_t>& image, uint32_t arena_bytes) {
  wire() = Wire();
  wire().arena.resize(arena_bytes);
  if (!image.empty()) wire().image = std::make_unique<AlignedBytes>(image);
  app_ = std::make_unique<App>();
  app_->start();
  received();
  text();
}

void LinkBoard::put(const std::vector<uint8_t>& bytes) {
  Wire& w = wire();
  w.to_board.insert(w.to_board.end(), bytes.begin(), bytes.end());
}

std::vector<Reply> LinkBoard::received() {
  decoder_.push(wire().from_board);
  wire().from_board.clear();
  std::vector<Reply> replies;
  replies.swap(decoder_.replies);
  return replies;
}

std::string LinkBoard::text() {
  std::string all;
  all.swap(decoder_.text);
  return all;
}

std::vector<Reply> LinkBoard::exchange(const std::vector<uint8_t>& bytes) {
  put(bytes);
  while (step() || wire().taken < wire().to_board.size()) {
  }
  return received();
}

Reply LinkBoard::ask(MessageType type, uint16_t request, const std::vector<uint8_t>& payload) {
  const std::vector<Reply> replies = exchange(type, request, payload);
  CHECK_EQ(replies.size(), 1u);
  if (replies.empty()) return {};
  CHECK_EQ(replies[0].request, request);
  return replies[0];
}

std::string LinkBoard::type(const std::string& typed) {
  exchange(std::vector<uint8_t>(typed.begin(), typed.end()));
  return text();
}

std::vector<uint16_t> generated_by_engine(const std::vector<uint8_t>& image_bytes, const std::string& prompt,
                                          uint32_t count, const GenerateOptions& options) {
  AlignedBytes bytes(image_bytes);
  Image image;
  CHECK_EQ(static_cast<int>(open_image(bytes.data(), bytes.size(), &image)), 0);
  AlignedBytes state(std::vector<uint8_t>(image.header->state_bytes));
  AlignedBytes scratch(std::vector<uint8_t>(image.header->scratch_bytes));
  Session session = {&image, state.data(), scratch.data()};
  std::vector<uint16_t> ids(prompt.size() + 1);
  uint32_t encoded = 0;
  Tokenizer(image).encode(prompt.data(), static_cast<uint32_t>(prompt.size()), ids.data(),
                          static_cast<uint32_t>(ids.size()), &encoded);
  reset(session);
  if (image.header->bos_id != kNoId) feed(session, image.header->bos_id);
  for (uint32_t i = 0; i < encoded; i++) feed(session, ids[i]);
  Sampler sampler;
  sampler.start(options, image.header->logit_frac);
  std::vector<uint16_t> chosen;
  while (chosen.size() < count) {
    const uint16_t id = sampler.choose(session);
    if (id == image.header->eos_id) break;
    chosen.push_back(id);
    feed(session, id);
  }
  return chosen;
}

}  // namespace linnet::test
