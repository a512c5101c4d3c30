// A sentence through tokenizer and classifier, or through the classifier alone.
#pragma once

#include <string>

#include "native/addon/memory.h"

namespace linnet::addon {

// label: the largest logit, the first of equals. scores: Q0.15, label_count of them.
Status classify_ids(OwnedSession& session, const uint16_t* ids, uint32_t count, uint16_t* label, uint16_t* scores);
Status classify_text(OwnedSession& session, const std::string& text, uint16_t* label, uint16_t* scores);

}  // namespace linnet::addon
