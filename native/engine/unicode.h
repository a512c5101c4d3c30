// The little of Unicode the tokenizers need (docs/format.md, Tokenizer, pins every range).
#pragma once

#include <cstdint>

namespace linnet {

constexpr uint32_t kInvalid = 0xffffffff;

struct Character {
  uint32_t code;  // code point, or kInvalid for a byte that is no UTF-8
  uint32_t size;  // bytes, 1 … 4
};

// The character at the start of text[0, left), left >= 1. Overlong forms, surrogates and cut sequences are invalid:
// their first byte stands alone.
constexpr Character next_character(const char* text, uint32_t left) {
  const auto lead = static_cast<uint8_t>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const uint32_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || size > left) return {kInvalid, 1};
  uint32_t code = lead & (0xff >> (size + 1));
  for (uint32_t i = 1; i < size; i++) {
    const auto next = static_cast<uint8_t>(text[i]);
    if ((next & 0xc0) != 0x80) return {kInvalid, 1};
    code = code << 6 | (next & 0x3f);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  if (overlong || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return {kInvalid, 1};
  return {code, size};
}

constexpr bool is_space(uint32_t c) {
  return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

// NUL among them.
constexpr bool is_ascii_space(uint32_t c) { return c == ' ' || c == '\0' || (c >= '\t' && c <= '\r'); }

constexpr bool is_punctuation(uint32_t c) {
  if (c < 0x80)
    return (c >= 0x21 && c <= 0x2f) || (c >= 0x3a && c <= 0x40) || (c >= 0x5b && c <= 0x60) || (c >= 0x7b && c <= 0x7e);
  if (c < 0x100) return c == 0xa1 || c == 0xa7 || c == 0xab || c == 0xb6 || c == 0xb7 || c == 0xbb || c == 0xbf;
  return (c >= 0x2010 && c <= 0x2027) || (c >= 0x2030 && c <= 0x205e) || (c >= 0x3001 && c <= 0x3003) ||
         (c >= 0x3008 && c <= 0x3011);
}

// Lower case of a letter of one or two UTF-8 bytes, as many bytes long, into `out`; its size, or 0 if the character
// stays as it is.
constexpr uint32_t fold_case(uint32_t c, char out[2]) {
  const auto in = [c](uint32_t low, uint32_t high) { return c >= low && c <= high; };
  uint32_t lower = c;
  if (in(0x41, 0x5a) || (in(0xc0, 0xde) && c != 0xd7) || (in(0x391, 0x3ab) && c != 0x3a2) || in(0x410, 0x42f))
    lower = c + 32;
  else if (in(0x400, 0x40f))
    lower = c + 80;
  else if ((c & 1) == 0 && ((in(0x100, 0x136) && c != 0x130) || in(0x14a, 0x176) || in(0x460, 0x480) ||
                            in(0x48a, 0x4be) || in(0x4d0, 0x52e)))
    lower = c + 1;
  else if ((c & 1) == 1 && (in(0x139, 0x147) || in(0x179, 0x17d)))
    lower = c + 1;
  else if (c == 0x178)
    lower = 0xff;
  else if (c == 0x386)
    lower = 0x3ac;
  else if (in(0x388, 0x38a))
    lower = c + 37;
  else if (c == 0x38c)
    lower = 0x3cc;
  else if (in(0x38e, 0x38f))
    lower = c + 63;
  if (lower == c) return 0;
  if (lower < 0x80) {
    out[0] = static_cast<char>(lower);
    return 1;
  }
  out[0] = static_cast<char>(0xc0 | lower >> 6);
  out[1] = static_cast<char>(0x80 | (lower & 0x3f));
  return 2;
}

}  // namespace linnet
