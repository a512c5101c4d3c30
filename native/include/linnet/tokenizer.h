// Text to token ids and back, from the tables in the image. Same results as the TypeScript tokenizer.
#pragma once

#include "linnet/image.h"

namespace linnet {

struct TokenText {
  const char* bytes;  // not NUL-terminated; may be part of a UTF-8 character
  uint32_t size;
};

class Tokenizer {
 public:
  explicit Tokenizer(const Image& image);

  // No text of `bytes` bytes has more ids than this; UINT32_MAX if that could be more.
  uint32_t max_ids(uint32_t bytes) const;
  // Encodes UTF-8 `text` of `bytes` bytes. kInputTooLong, with ids[0, capacity) overwritten, if `capacity` is too
  // small. Any byte sequence is accepted (docs/format.md says how invalid UTF-8 is read).
  Status encode(const char* text, uint32_t bytes, uint16_t* ids, uint32_t capacity, uint32_t* count) const;

  // The text a token stands for; empty for special tokens and the buckets of n-grams.
  TokenText text(uint16_t id) const;
  // Word-level models join tokens with a space.
  bool joins_with_space() const { return has(TokenizerFlag::kJoinWithSpace); }

 private:
  bool has(TokenizerFlag flag) const { return (header_->flags & static_cast<uint8_t>(flag)) != 0; }
  uint16_t find(const char* bytes, uint32_t size) const;  // exact token, or kNoId
  const Merge* find_merge(uint16_t left, uint16_t right) const;
  Status encode_bpe(const char* text, uint32_t bytes, uint16_t* ids, uint32_t capacity, uint32_t* count) const;
  Status encode_words(const char* text, uint32_t bytes, uint16_t* ids, uint32_t capacity, uint32_t* count) const;
  uint32_t merge_piece(uint16_t* ids, uint32_t count) const;

  const uint8_t* base_;
  const TokenizerHeader* header_;
};

}  // namespace linnet
