// Token tables and word-level encoding (docs/format.md, Tokenizer). BPE is in bpe.cc.
#include "linnet/tokenizer.h"

#include "native/engine/unicode.h"
#include "native/engine/word_ngrams.h"

namespace linnet {
namespace {

// memcmp-like order with the shorter first on a tie.
int compare(const char* a, uint32_t a_size, const char* b, uint32_t b_size) {
  const uint32_t common = a_size < b_size ? a_size : b_size;
  for (uint32_t i = 0; i < common; i++) {
    const auto x = static_cast<uint8_t>(a[i]), y = static_cast<uint8_t>(b[i]);
    if (x != y) return x < y ? -1 : 1;
  }
  return a_size == b_size ? 0 : a_size < b_size ? -1 : 1;
}

}  // namespace

Tokenizer::Tokenizer(const Image& image)
    : base_(image.data + image.header->tokenizer.offset), header_(reinterpret_cast<const TokenizerHeader*>(base_)) {}

uint32_t Tokenizer::max_ids(uint32_t bytes) const {
  // A word has at least a byte; so has what BPE makes a token of. One more word may be appended.
  const uint64_t most = (uint64_t{bytes} + 1) * header_->word_ngrams;
  return most < UINT32_MAX ? static_cast<uint32_t>(most) : UINT32_MAX;
}

TokenText Tokenizer::text(uint16_t id) const {
  if (id >= header_->token_count) return {"", 0};
  const auto* offsets = reinterpret_cast<const uint32_t*>(base_ + header_->token_offsets);
  const auto* bytes = reinterpret_cast<const char*>(base_ + header_->token_bytes);
  return {bytes + offsets[id], offsets[id + 1] - offsets[id]};
}

uint16_t Tokenizer::find(const char* bytes, uint32_t size) const {
  const auto* sorted = reinterpret_cast<const uint16_t*>(base_ + header_->sorted_ids);
  uint32_t low = 0, high = header_->sorted_count;
  while (low < high) {
    const uint32_t middle = (low + high) / 2;
    const TokenText t = text(sorted[middle]);
    const int order = compare(t.bytes, t.size, bytes, size);
    if (order == 0) return sorted[middle];
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return kNoId;
}

Status Tokenizer::encode(const char* text, uint32_t bytes, uint16_t* ids, uint32_t capacity, uint32_t* count) const {
  return header_->kind == static_cast<uint8_t>(TokenizerKind::kBpe) ? encode_bpe(text, bytes, ids, capacity, count)
                                                                    : encode_words(text, bytes, ids, capacity, count);
}

Status Tokenizer::encode_words(const char* text, uint32_t bytes, uint16_t* ids, uint32_t capacity,
                               uint32_t* count) const {
  const bool fold = has(TokenizerFlag::kLowercase), split = has(TokenizerFlag::kSplitPunctuation),
             ascii = has(TokenizerFlag::kAsciiSpaces), lines = has(TokenizerFlag::kLineFeed);
  char word[kMaxTextBytes];
  uint32_t size = 0, written = 0;  // size > kMaxTextBytes: too long to be a token
  WordHash hash;                   // of all of it
  WordNgrams ngrams(header_->word_ngrams);
  bool full = false;
  const auto put = [&](uint16_t id) {
    if (written < capacity)
      ids[written++] = id;
    else
      full = true;
  };
  const auto end_word = [&] {
    if (size == 0) return;
    uint16_t id = size <= kMaxTextBytes ? find(word, size) : kNoId;
    if (id == kNoId) id = header_->unk_id;
    if (id != kNoId) put(id);
    ngrams.add(hash);
    for (uint32_t n = 2; n <= ngrams.words(); n++)
      put(static_cast<uint16_t>(header_->token_count + ngrams.hash(n) % header_->bucket_count));
    size = 0;
    hash = {};
  };
  const auto append = [&](const char* from, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
      if (size < kMaxTextBytes) word[size] = from[i];
      if (size <= kMaxTextBytes) size++;
      hash.add(from[i]);
    }
  };
  for (uint32_t at = 0; at < bytes && !full;) {
    const Character c = next_character(text + at, bytes - at);
    const bool line_feed = lines && c.code == '\n';
    if (!line_feed && (ascii ? is_ascii_space(c.code) : is_space(c.code))) {
      end_word();
    } else {
      const bool alone = line_feed || (split && is_punctuation(c.code));
      if (alone) end_word();
      char folded[2];
      const uint32_t folded_size = fold ? fold_case(c.code, folded) : 0;
      if (folded_size != 0)
        append(folded, folded_size);
      else
        append(text + at, c.size);
      if (alone) end_word();
    }
    at += c.size;
  }
  end_word();
  if (has(TokenizerFlag::kAppendEos)) {
    append("</s>", 4);
    end_word();
  }
  *count = written;
  return full ? Status::kInputTooLong : Status::kOk;
}

}  // namespace linnet
