#include "native/addon/classify.h"

#include <algorithm>

#include "linnet/tokenizer.h"

namespace linnet::addon {

Status classify_text(OwnedSession& owned, const std::string& text, uint16_t* label, uint16_t* scores) {
  Session& session = owned.session();
  const Image& image = *session.image;
  if (image.is_language_model()) return Status::kWrongKind;
  uint16_t ids[kMaxTokens];
  uint32_t count = 0;
  Status status =
      Tokenizer(image).encode(text.data(), static_cast<uint32_t>(text.size()), ids, image.header->max_tokens, &count);
  if (status != Status::kOk) return status;
  int16_t logits[kMaxLabels];
  status = classify(session, ids, count, scores, logits);
  if (status != Status::kOk) return status;
  *label = static_cast<uint16_t>(std::max_element(logits, logits + image.header->label_count) - logits);
  return Status::kOk;
}

}  // namespace linnet::addon
