// Hashes of word n-grams, the same as the fastText project's (docs/format.md, Tokenizer).
#pragma once

#include "linnet/schema/image.h"

namespace linnet {

// FNV-1a of a word, byte by byte. Bytes are signed: published fastText models rely on it.
class WordHash {
 public:
  void add(char byte) { hash_ = (hash_ ^ static_cast<uint32_t>(static_cast<int8_t>(byte))) * 16777619u; }
  // As the n-grams take it: from int32.
  uint64_t value() const { return static_cast<uint64_t>(int64_t{static_cast<int32_t>(hash_)}); }

 private:
  uint32_t hash_ = 2166136261u;
};

// The n-grams that end with the last word there was: each is the one a word shorter, before that word, and the word.
class WordNgrams {
 public:
  // `longest`: words in the longest n-gram, 1 … kMaxWordNgrams.
  explicit WordNgrams(uint32_t longest) : longest_(longest) {}

  void add(WordHash word) {
    if (words_ < longest_) words_++;
    for (uint32_t n = words_; n > 1; n--) hashes_[n - 1] = hashes_[n - 2] * 116049371u + word.value();
    hashes_[0] = word.value();
  }
  // Words in the longest n-gram there is now, and the hash of the one of n words, 1 <= n <= words().
  uint32_t words() const { return words_; }
  uint64_t hash(uint32_t n) const { return hashes_[n - 1]; }

 private:
  uint64_t hashes_[kMaxWordNgrams] = {};
  uint32_t longest_;
  uint32_t words_ = 0;
};

}  // namespace linnet
