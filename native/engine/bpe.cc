// Byte-fallback BPE, piece by piece in the output buffer (docs/format.md, Tokenizer).
#include "linnet/tokenizer.h"
#include "native/engine/unicode.h"

namespace linnet {

const Merge* Tokenizer::find_merge(uint16_t left, uint16_t right) const {
  const auto* merges = reinterpret_cast<const Merge*>(base_ + header_->merges);
  const uint32_t wanted = uint32_t{left} << 16 | right;
  uint32_t low = 0, high = header_->merge_count;
  while (low < high) {
    const uint32_t middle = (low + high) / 2;
    const Merge& m = merges[middle];
    const uint32_t key = uint32_t{m.left} << 16 | m.right;
    if (key == wanted) return &m;
    if (key < wanted)
      low = middle + 1;
    else
      high = middle;
  }
  return nullptr;
}

// Applies merges to ids[0, count) in place, lowest rank first, leftmost of equals first. Returns what is left.
uint32_t Tokenizer::merge_piece(uint16_t* ids, uint32_t count) const {
  while (count > 1) {
    const Merge* best = nullptr;
    uint32_t at = 0;
    for (uint32_t i = 0; i + 1 < count; i++) {
      const Merge* m = find_merge(ids[i], ids[i + 1]);
      if (m != nullptr && (best == nullptr || m->rank < best->rank)) {
        best = m;
        at = i;
      }
    }
    if (best == nullptr) break;
    ids[at] = best->id;
    for (uint32_t i = at + 1; i + 1 < count; i++) ids[i] = ids[i + 1];
    count--;
  }
  return count;
}

Status Tokenizer::encode_bpe(const char* text, uint32_t bytes, uint16_t* ids, uint32_t capacity,
                             uint32_t* count) const {
  const auto* byte_ids = reinterpret_cast<const uint16_t*>(base_ + header_->byte_ids);
  uint32_t piece = 0, written = 0;  // the piece being collected is ids[piece, written)
  bool after_space = true;
  for (uint32_t at = 0; at < bytes;) {
    const Character c = next_character(text + at, bytes - at);
    const bool space = c.code == ' ';
    if (space && !after_space) {
      written = piece + merge_piece(ids + piece, written - piece);
      piece = written;
    }
    after_space = space;
    const uint16_t whole = c.code == kInvalid ? kNoId : find(text + at, c.size);
    for (uint32_t i = 0; i < (whole == kNoId ? c.size : 1); i++) {
      if (written == capacity) return Status::kInputTooLong;
      ids[written++] = whole != kNoId ? whole : byte_ids[static_cast<uint8_t>(text[at + i])];
    }
    at += c.size;
  }
  *count = piece + merge_piece(ids + piece, written - piece);
  return Status::kOk;
}

}  // namespace linnet
