// Running a model: state and scratch memory are the caller's, sized by the image's header.
#pragma once

#include "linnet/image.h"

namespace linnet {

// One stream of text through one model. Any number of sessions may share an image.
struct Session {
  const Image* image = nullptr;
  uint8_t* state = nullptr;      // header->state_bytes, 16-byte aligned
  uint8_t* scratch = nullptr;    // header->scratch_bytes, 16-byte aligned; holds nothing between calls but the
                                 // last hidden row, so it is one a session
  uint8_t* workspace = nullptr;  // workspace_bytes(), 16-byte aligned; holds nothing between calls, so sessions that
                                 // take turns may share it
};

// What the kernels need for their inputs besides; 0 on a host.
uint32_t workspace_bytes(const Image& image);

// Zeroes the recurrent state.
void reset(Session& session);

// Language model: feeds one token. Afterwards stream_logits() gives the logits of the next one.
Status feed(Session& session, uint16_t token);

// Receives logits [first, first + count), Header.logit_frac fraction bits, in ascending id order.
using LogitSink = void (*)(void* context, uint32_t first, const int16_t* logits, uint32_t count);

// Language model, after feed(): computes the output layer block by block; the logits are never stored whole.
void stream_logits(const Session& session, LogitSink sink, void* context);

// Classifier: labels one sentence of `count` tokens. Shorter than min_tokens is padded, longer than max_tokens
// refused. scores: Q0.15, label_count of them; logits the same number, or null.
Status classify(Session& session, const uint16_t* ids, uint32_t count, uint16_t* scores, int16_t* logits = nullptr);

}  // namespace linnet
