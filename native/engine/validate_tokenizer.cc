#include "native/engine/validate.h"

namespace linnet {
namespace {

struct Bytes {
  const uint8_t* data;
  uint32_t size;
};

// The tokenizer section; check() finds the offset, from its start, of the first fault.
class TokenizerChecker {
 public:
  explicit TokenizerChecker(const Image& image)
      : base_(image.data + image.header->tokenizer.offset),
        size_(image.header->tokenizer.size),
        vocab_size_(image.header->vocab_size),
        h_(*reinterpret_cast<const TokenizerHeader*>(base_)) {}

  // True if all is well.
  bool check(uint32_t* where) {
    const bool ok = size_ >= sizeof(TokenizerHeader)
                        ? fields() && offsets() && tokens() && sorted() && (!bpe() || (byte_ids() && merges()))
                        : fail(0);
    *where = where_;
    return ok;
  }

 private:
  bool bpe() const { return h_.kind == static_cast<uint8_t>(TokenizerKind::kBpe); }
  bool fail(uint64_t where) {
    where_ = static_cast<uint32_t>(where);
    return false;
  }
  bool fail_at(const void* field) { return fail(static_cast<uint64_t>(static_cast<const uint8_t*>(field) - base_)); }

  template <typename T>
  const T* array(uint32_t offset) const {
    return reinterpret_cast<const T*>(base_ + offset);
  }
  Bytes token(uint32_t id) const {
    const auto* offsets = array<uint32_t>(h_.token_offsets);
    return {base_ + h_.token_bytes + offsets[id], offsets[id + 1] - offsets[id]};
  }

  bool array_fits(uint32_t offset, uint64_t bytes, uint32_t align) const {
    return offset % align == 0 && offset >= sizeof(TokenizerHeader) && offset + bytes <= size_;
  }

  bool fields() {
    const bool words = h_.kind == static_cast<uint8_t>(TokenizerKind::kWordLevel);
    if (!bpe() && !words) return fail_at(&h_.kind);
    if (h_.flags > (words ? 63 : 0)) return fail_at(&h_.flags);
    if (h_.unk_id != kNoId && h_.unk_id >= h_.token_count) return fail_at(&h_.unk_id);
    if (uint64_t{h_.token_count} + h_.bucket_count != vocab_size_) return fail_at(&h_.token_count);
    if (h_.sorted_count > h_.token_count) return fail_at(&h_.sorted_count);
    if (h_.merge_count > (words ? 0u : 65535u)) return fail_at(&h_.merge_count);
    if (!array_fits(h_.token_offsets, 4 * (uint64_t{h_.token_count} + 1), 4)) return fail_at(&h_.token_offsets);
    if (!array_fits(h_.token_bytes, 0, 1)) return fail_at(&h_.token_bytes);
    if (!array_fits(h_.sorted_ids, 2 * uint64_t{h_.sorted_count}, 2)) return fail_at(&h_.sorted_ids);
    if (words ? h_.merges != 0 : !array_fits(h_.merges, sizeof(Merge) * uint64_t{h_.merge_count}, 2))
      return fail_at(&h_.merges);
    if (words ? h_.byte_ids != 0 : !array_fits(h_.byte_ids, 512, 2)) return fail_at(&h_.byte_ids);
    if ((h_.bucket_count == 0) != (h_.word_ngrams == 1)) return fail_at(&h_.bucket_count);
    if (h_.word_ngrams < 1 || h_.word_ngrams > (words ? kMaxWordNgrams : 1u)) return fail_at(&h_.word_ngrams);
    if (h_.reserved != 0) return fail_at(&h_.reserved);
    return true;
  }

  bool offsets() {
    const auto* offsets = array<uint32_t>(h_.token_offsets);
    for (uint32_t i = 0; i <= h_.token_count; i++) {
      const bool ordered = i == 0 ? offsets[0] == 0 : offsets[i] >= offsets[i - 1];
      if (!ordered || uint64_t{h_.token_bytes} + offsets[i] > size_) return fail_at(&offsets[i]);
    }
    return true;
  }

  bool tokens() {
    const auto* offsets = array<uint32_t>(h_.token_offsets);
    for (uint32_t id = 0; id < h_.token_count; id++) {
      const Bytes t = token(id);
      if (t.size > kMaxTextBytes) return fail_at(&offsets[id]);
      for (uint32_t i = 1; bpe() && i < t.size; i++)
        if (t.data[i] == ' ' && t.data[i - 1] != ' ') return fail_at(&offsets[id]);
    }
    return true;
  }

  static bool less(Bytes a, Bytes b) {
    const uint32_t common = a.size < b.size ? a.size : b.size;
    for (uint32_t i = 0; i < common; i++)
      if (a.data[i] != b.data[i]) return a.data[i] < b.data[i];
    return a.size < b.size;
  }

  bool sorted() {
    const auto* ids = array<uint16_t>(h_.sorted_ids);
    for (uint32_t i = 0; i < h_.sorted_count; i++) {
      if (ids[i] >= h_.token_count || token(ids[i]).size == 0) return fail_at(&ids[i]);
      if (i > 0 && !less(token(ids[i - 1]), token(ids[i]))) return fail_at(&ids[i]);
    }
    return true;
  }

  bool byte_ids() {
    bool character[128] = {};  // ASCII characters that are tokens
    const auto* sorted_ids = array<uint16_t>(h_.sorted_ids);
    for (uint32_t i = 0; i < h_.sorted_count; i++) {
      const Bytes t = token(sorted_ids[i]);
      if (t.size == 1 && t.data[0] < 128) character[t.data[0]] = true;
    }
    const auto* ids = array<uint16_t>(h_.byte_ids);
    for (uint32_t b = 0; b < 256; b++) {
      if (ids[b] == kNoId) {
        if (b >= 128 || !character[b]) return fail_at(&ids[b]);
      } else if (ids[b] >= h_.token_count || token(ids[b]).size != 1 || token(ids[b]).data[0] != b) {
        return fail_at(&ids[b]);
      }
    }
    return true;
  }

  bool joins(Bytes left, Bytes right, Bytes whole) const {
    if (whole.size != left.size + right.size) return false;
    for (uint32_t i = 0; i < left.size; i++)
      if (whole.data[i] != left.data[i]) return false;
    for (uint32_t i = 0; i < right.size; i++)
      if (whole.data[left.size + i] != right.data[i]) return false;
    return true;
  }

  bool merges() {
    const auto* m = array<Merge>(h_.merges);
    for (uint32_t i = 0; i < h_.merge_count; i++) {
      if (m[i].left >= h_.token_count || m[i].right >= h_.token_count || m[i].id >= h_.token_count)
        return fail_at(&m[i]);
      if (i > 0 && (m[i].left < m[i - 1].left || (m[i].left == m[i - 1].left && m[i].right <= m[i - 1].right)))
        return fail_at(&m[i]);
      if (!joins(token(m[i].left), token(m[i].right), token(m[i].id))) return fail_at(&m[i]);
    }
    return true;
  }

  const uint8_t* base_;
  uint32_t size_;
  uint32_t vocab_size_;
  const TokenizerHeader& h_;
  uint32_t where_ = 0;
};

}  // namespace

Verdict validate_tokenizer(const Image& image) {
  uint32_t where = 0;
  if (TokenizerChecker(image).check(&where)) return {};
  return {Status::kBadTokenizer, image.header->tokenizer.offset + where};
}

}  // namespace linnet
