#include "native/engine/unicode.h"
#include "native/engine/validate.h"

namespace linnet {

Verdict validate_strings(const Image& image) {
  const Section& section = image.header->strings;
  const Verdict bad = {Status::kBadStrings, section.offset};
  const auto* text = reinterpret_cast<const char*>(image.data + section.offset);
  uint32_t at = 0;
  for (uint32_t i = 0; i < image.header->label_count + 1u; i++) {
    uint32_t length = 0;
    while (at < section.size && text[at] != 0) {
      const Character c = next_character(text + at, section.size - at);
      if (c.code == kInvalid || c.code < 0x20 || (c.code >= 0x7f && c.code < 0xa0)) return bad;
      at += c.size;
      length += c.size;
    }
    if (at == section.size || length == 0 || length > kMaxTextBytes) return bad;
    at++;
  }
  return at == section.size ? Verdict{} : bad;
}

}  // namespace linnet
