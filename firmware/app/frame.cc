#include "firmware/app/frame.h"

#include "firmware/port.h"
#include "linnet/digest.h"

namespace linnet {
namespace {

// First bytes of messages are control characters, but not the two that end a typed line.
bool may_start_message(uint8_t byte) { return byte < 0x20 && byte != '\r' && byte != '\n'; }

}  // namespace

FrameDecoder::Event FrameDecoder::push(uint8_t byte) {
  if (byte == kFrameFlag) return flag();
  return inside_ ? take(byte) : typed(byte);
}

FrameDecoder::Event FrameDecoder::typed(uint8_t byte) {
  text_[0] = byte;
  text_size_ = 1;
  return Event::kText;
}

void FrameDecoder::begin() {
  inside_ = true;
  length_ = 0;
  escaped_ = false;
  damaged_ = false;
  opened_by_flag_ = false;
}

// A flag ends the frame being read, or begins one. After a damaged frame the decoder stays inside: the flag that
// ended it may be the one that begins the next, so a single lost flag costs no more than the frames beside it.
FrameDecoder::Event FrameDecoder::flag() {
  const bool empty = length_ == 0 && !escaped_ && !damaged_;
  if (!inside_ || empty) {
    const bool among_text = !inside_;
    begin();
    opened_by_flag_ = among_text;
    return Event::kNone;
  }
  const bool good = !escaped_ && !damaged_ && intact();
  size_ = good ? length_ - kFcsSize : 0;
  begin();
  if (!good) {
    bad_frames_++;
    return Event::kNone;
  }
  inside_ = false;
  return Event::kMessage;
}

FrameDecoder::Event FrameDecoder::take(uint8_t byte) {
  if (length_ == 0 && !escaped_ && !damaged_ && !may_start_message(byte)) {
    // No message starts like this, so a person typed it, and perhaps the '~' before it too. (A frame damaged here
    // becomes console text, where its control characters mark it as rubbish.)
    inside_ = false;
    if (!opened_by_flag_) return typed(byte);
    text_[0] = kFrameFlag;
    text_[1] = byte;
    text_size_ = 2;
    return Event::kText;
  }
  if (byte == kFrameEscape) {
    if (escaped_) damaged_ = true;  // an escaped escape is never sent as itself
    escaped_ = true;
    return Event::kNone;
  }
  if (length_ == 0 && !escaped_ && !damaged_) {
    buffer_[length_++] = byte;
    return Event::kBegins;
  }
  if (length_ == sizeof(buffer_))
    damaged_ = true;
  else
    buffer_[length_++] = escaped_ ? byte ^ kFrameXor : byte;
  escaped_ = false;
  return Event::kNone;
}

bool FrameDecoder::intact() {
  if (length_ <= kFcsSize) return false;
  const uint32_t size = length_ - kFcsSize;
  uint32_t fcs = 0;
  for (uint32_t i = 0; i < kFcsSize; i++) fcs |= static_cast<uint32_t>(buffer_[size + i]) << (8 * i);
  return crc32(buffer_, size) == fcs;
}

FrameWriter::FrameWriter(ReplyType type, uint16_t request) {
  put(kFrameFlag);
  const MessageHeader header = {static_cast<uint8_t>(type), 0, request};
  add(&header, sizeof(header));
}

void FrameWriter::add(const void* bytes, uint32_t size) {
  if (size > room()) size = room();
  crc_ = crc32(bytes, size, crc_);
  size_ += size;
  put_escaped(static_cast<const uint8_t*>(bytes), size);
}

void FrameWriter::end() {
  const uint8_t fcs[kFcsSize] = {static_cast<uint8_t>(crc_), static_cast<uint8_t>(crc_ >> 8),
                                 static_cast<uint8_t>(crc_ >> 16), static_cast<uint8_t>(crc_ >> 24)};
  put_escaped(fcs, kFcsSize);
  put(kFrameFlag);
  flush();
}

void FrameWriter::put_escaped(const uint8_t* bytes, uint32_t size) {
  for (uint32_t i = 0; i < size; i++) {
    const bool special = bytes[i] == kFrameFlag || bytes[i] == kFrameEscape;
    if (special) put(kFrameEscape);
    put(special ? bytes[i] ^ kFrameXor : bytes[i]);
  }
}

void FrameWriter::put(uint8_t byte) {
  if (staged_size_ == sizeof(staged_)) flush();
  staged_[staged_size_++] = byte;
}

void FrameWriter::flush() {
  port::write(staged_, staged_size_);
  staged_size_ = 0;
}

}  // namespace linnet
