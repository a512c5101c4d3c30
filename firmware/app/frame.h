// Frames on a serial line: RFC 1662 byte stuffing with a CRC-32 (docs/link.md, Frames).
//
//     0x7E  escaped( message, CRC-32 of message, little-endian )  0x7E
//
// Bytes outside frames are the console's text.
#pragma once

#include "firmware/limits.h"
#include "linnet/schema/link.h"

namespace linnet {

constexpr uint32_t kFcsSize = 4;

// Takes a byte stream apart. Holds one message; what is longer, damaged or cut is counted and dropped.
class FrameDecoder {
 public:
  enum class Event : uint8_t {
    kNone,
    kBegins,   // the first byte of a message came, and spare() holds it
    kMessage,  // message() holds size() bytes, until the next push
    kText,     // text() holds text_size() console bytes, until the next push
  };
  Event push(uint8_t byte);

  const uint8_t* message() const { return buffer_; }
  uint32_t size() const { return size_; }
  const uint8_t* text() const { return text_; }
  uint32_t text_size() const { return text_size_; }
  // Memory the decoder has no use for while text comes: the next push after kMessage gives it away, kBegins takes it
  // back.
  static constexpr uint32_t kSpareBytes = kMessageBytes + kFcsSize;
  char* spare() { return reinterpret_cast<char*>(buffer_); }
  // Frames dropped so far.
  uint32_t bad_frames() const { return bad_frames_; }

 private:
  Event flag();
  Event take(uint8_t byte);
  Event typed(uint8_t byte);
  bool intact();
  void begin();

  alignas(8) uint8_t buffer_[kSpareBytes];
  uint32_t length_ = 0;
  uint32_t size_ = 0;
  uint32_t bad_frames_ = 0;
  uint8_t text_[2];
  uint8_t text_size_ = 0;
  bool inside_ = false;
  bool escaped_ = false;
  bool damaged_ = false;
  bool opened_by_flag_ = false;  // this frame began at a flag among text, which a person may have typed
};

// Writes one frame to the port, byte by byte: no buffer of message size.
class FrameWriter {
 public:
  FrameWriter(ReplyType type, uint16_t request);
  // Appends to the message. What would make it longer than kMaxMessage is left out: callers know their sizes.
  void add(const void* bytes, uint32_t size);
  uint32_t room() const { return kMaxMessage - size_; }
  void end();

 private:
  void put(uint8_t byte);
  void put_escaped(const uint8_t* bytes, uint32_t size);
  void flush();

  uint32_t size_ = 0;
  uint32_t crc_ = 0;
  uint8_t staged_[64];
  uint32_t staged_size_ = 0;
};

// A message whose payload is one struct.
template <typename Payload>
void answer(ReplyType type, uint16_t request, const Payload& payload) {
  FrameWriter frame(type, request);
  frame.add(&payload, sizeof(payload));
  frame.end();
}

}  // namespace linnet
