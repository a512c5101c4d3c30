#include "native/addon/classify.h"

#include <algorithm>

#include "linnet/tokenizer.h"

namespace linnet::addon {

Status classify_ids(OwnedSession& owned, const uint16_t* ids, uint32_t count, uint16_t* label, uint16_t* scores) {
  int16_t logits[kMaxLabels];
  const Status status = classify(owned.session(), ids, count, scores, logits);
  if (status != Status::kOk) return status;
  const uint32_t labels = owned.session().image->header->label_count;
  *label = static_cast<uint16_t>(std::max_element(logits, logits + labels) - logits);
  return Status::kOk;
}

Status classify_text(OwnedSession& owned, const std::string& text, uint16_t* label, uint16_t* scores) {
  const Image& image = *owned.session().image;
  if (image.is_language_model()) return Status::kWrongKind;
  uint16_t ids[kMaxTokens];
  uint32_t count = 0;
  const Status status =
      Tokenizer(image).encode(text.data(), static_cast<uint32_t>(text.size()), ids, image.header->max_tokens, &count);
  if (status != Status::kOk) return status;
  return classify_ids(owned, ids, count, label, scores);
}

}  // namespace linnet::addon
